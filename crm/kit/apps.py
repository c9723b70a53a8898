from django.apps import AppConfig
from django.urls import register_converter

from crm.kit.converters import KeyConverter


class KitConfig(AppConfig):
    name = "crm.kit"
    label = "kit"

    def ready(self) -> None:
        register_converter(KeyConverter, "key")
