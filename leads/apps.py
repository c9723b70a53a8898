from django.apps import AppConfig
from django.core.checks import Tags
from django.core.checks import register as register_check
from django.db.models.signals import post_migrate, pre_migrate

from crm.fields import registry
from leads import lock
from leads.fields import LEAD


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        registry.register(LEAD)
        for key in ("organization", "contact", "opportunity"):
            registry.extend(
                key, conversions="leads.conversion.history.of_record", origins="leads.conversion.origins.of_record"
            )
        pre_migrate.connect(lock.drop_triggers, sender=self)
        post_migrate.connect(lock.install_triggers, sender=self)
        register_check(lock.check_triggers, Tags.database)  # type: ignore[call-overload]
