from importlib import import_module

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "crm.notices"
    label = "notices"

    def ready(self) -> None:
        for tasks in ("webhooks", "mail"):
            import_module(f"crm.notices.{tasks}")  # what the worker can do is known once they are read
