from django.apps import AppConfig
from django.core.checks import Tags
from django.core.checks import register as register_check
from django.db.models.signals import post_migrate

from crm.fields import guards
from mapping.defaults import install_defaults
from mapping.system_check import check_mapping


class MappingConfig(AppConfig):
    name = "mapping"

    def ready(self) -> None:
        guards.register("mapping.guards")
        post_migrate.connect(install_defaults, sender=self)
        register_check(check_mapping, Tags.database)  # type: ignore[call-overload]
