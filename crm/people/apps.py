from django.apps import AppConfig
from django.db.models.signals import post_migrate

from crm.people.roles import install_roles


class PeopleConfig(AppConfig):
    name = "crm.people"
    label = "people"

    def ready(self) -> None:
        post_migrate.connect(install_roles)
