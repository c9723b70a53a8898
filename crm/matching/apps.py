from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from crm.matching import names_index


class MatchingConfig(AppConfig):
    name = "crm.matching"
    label = "matching"

    def ready(self) -> None:
        pre_migrate.connect(names_index.drop, sender=self)
        post_migrate.connect(names_index.install, sender=self)
