from django.apps import AppConfig

from crm.fields import registry
from crm.records.fields import CONTACT, OPPORTUNITY, ORGANIZATION


class RecordsConfig(AppConfig):
    name = "crm.records"
    label = "records"

    def ready(self) -> None:
        for module in (ORGANIZATION, CONTACT, OPPORTUNITY):
            registry.register(module)
