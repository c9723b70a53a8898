from importlib import import_module

from django.apps import AppConfig

from crm.fields import guards


class RelatedConfig(AppConfig):
    name = "crm.related"
    label = "related"

    def ready(self) -> None:
        guards.register("crm.related.replacing")
        guards.register("crm.related.leaving")
        import_module("crm.related.changing.job")  # its tasks
