from django.apps import AppConfig
from django.core.checks import Tags
from django.core.checks import register as register_check

from crm.fields import registry
from crm.records.fields import CONTACT, OPPORTUNITY, ORGANIZATION
from crm.records.trigrams import check_trigrams


class RecordsConfig(AppConfig):
    name = "crm.records"
    label = "records"

    def ready(self) -> None:
        for module in (ORGANIZATION, CONTACT, OPPORTUNITY):
            registry.register(module)
        register_check(check_trigrams, Tags.database)  # type: ignore[call-overload]
