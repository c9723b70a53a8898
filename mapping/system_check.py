"""Django's check (with --database) that the mapping in force keeps the rules."""

from typing import Any

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections
from django.db.utils import DatabaseError
from django.utils.module_loading import import_string

from crm.fields import dictionary

HINT = "Open the field mapping in the settings, mend the row and save."


def check_mapping(app_configs: Any, databases: list[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Warn of each broken row: a conversion does without it and keeps the value in a note."""
    if "default" not in (databases or []):
        return []
    if "mapping_link" not in connections["default"].introspection.table_names():
        return []
    dictionary.forget()
    faults = import_string("mapping.soundness.faults")  # the models are not there yet when the check is registered
    try:
        return [CheckWarning(f"Field mapping: {fault}.", hint=HINT, id="mapping.W001") for fault in faults()]
    except DatabaseError:  # a database that is yet to be migrated
        return []
