from typing import Any

from django.apps import AppConfig
from django.core.signals import request_started
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string

from crm.fields import dictionary
from crm.fields.picklists import install_defaults


def install_indexes(**_signal: Any) -> None:
    import_string("crm.fields.indexes.install")()


class FieldsConfig(AppConfig):
    name = "crm.fields"
    label = "fields"

    def ready(self) -> None:
        request_started.connect(dictionary.forget)
        post_migrate.connect(install_defaults, sender=self)
        post_migrate.connect(install_indexes, sender=self)
