from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "crm.pages"
    label = "pages"
