from django.apps import AppConfig

from crm.fields import guards


class RelatedConfig(AppConfig):
    name = "crm.related"
    label = "related"

    def ready(self) -> None:
        guards.register("crm.related.replacing")
        guards.register("crm.related.leaving")
