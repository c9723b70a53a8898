from django.apps import AppConfig


class RelatedConfig(AppConfig):
    name = "crm.related"
    label = "related"
