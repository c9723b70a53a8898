from django.apps import AppConfig
from django.db.models.signals import post_migrate

from crm.fields import guards
from mapping.defaults import install_defaults


class MappingConfig(AppConfig):
    name = "mapping"

    def ready(self) -> None:
        guards.register("mapping.guards")
        post_migrate.connect(install_defaults, sender=self)
