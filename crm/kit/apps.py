import sqlite3
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.urls import register_converter

from crm.kit.converters import KeyConverter


class KitConfig(AppConfig):
    name = "crm.kit"
    label = "kit"

    def ready(self) -> None:
        register_converter(KeyConverter, "key")
        connection_created.connect(allow_long_statements)


def allow_long_statements(connection: Any, **_signal: Any) -> None:
    """Let a statement take as many values as this SQLite can, as Django 6 does; Django 5.2 still splits at 999."""
    if connection.vendor == "sqlite":
        connection.features.max_query_params = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
