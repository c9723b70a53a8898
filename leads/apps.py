from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.core.checks import Tags
from django.core.checks import register as register_check
from django.db.models.signals import post_migrate, pre_migrate

from crm.fields import guards, registry
from leads import lock
from leads.conversion import news
from leads.fields import LEAD


def install_preferences(**_signal: Any) -> None:
    """Write down the conversion settings that a new installation starts with."""
    rows = global_apps.get_model("leads.ConversionPreferences").objects
    if not rows.exists():
        rows.create()


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        import_module("leads.bulk.job")  # its tasks
        registry.register(LEAD)
        news.register()
        guards.register("leads.guards")
        for key in ("organization", "contact", "opportunity"):
            registry.extend(
                key, conversions="leads.conversion.history.of_record", origins="leads.conversion.origins.of_record"
            )
        pre_migrate.connect(lock.drop_triggers, sender=self)
        post_migrate.connect(lock.install_triggers, sender=self)
        post_migrate.connect(install_preferences, sender=self)
        register_check(lock.check_triggers, Tags.database)  # type: ignore[call-overload]
