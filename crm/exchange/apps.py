from importlib import import_module

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "crm.exchange"
    label = "exchange"

    def ready(self) -> None:
        import_module("crm.exchange.wizard.job")  # its tasks
