from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from crm.matching import names_index


class MatchingConfig(AppConfig):
    name = "crm.matching"
    label = "matching"

    def ready(self) -> None:
        from crm.matching import writing  # noqa: PLC0415 - models can't be imported before

        pre_migrate.connect(names_index.drop, sender=self)
        post_migrate.connect(names_index.install, sender=self)
        post_migrate.connect(writing.fill, sender=self)
