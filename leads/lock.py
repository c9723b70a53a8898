"""The lock's third ring: triggers that refuse, on SQLite and on PostgreSQL, what Python might overlook (PRODUCT §4.9).

Refused: UPDATE of a converted lead and of a conversion, overwriting one by INSERT OR REPLACE, and a dossier that points at a
converted lead. Deleting a lead is refused by the foreign keys, deleting a conversion by a trigger on PostgreSQL alone: SQLite
empties tables by DELETE when it flushes, and whoever may write its file may do anything; `check_integrity` tells. Django rebuilds SQLite tables when it alters them, which drops their
triggers silently and trips over those of other tables: they are taken away before a migration and put back after it.
"""

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError

LOCKED_LEAD = "a converted lead is locked"
FINAL_CONVERSION = "a conversion is final"
LOCKED_DOSSIER = "nothing can be attached to a converted lead"

# On PostgreSQL the lead is held while the dossier is written: a conversion at the same moment waits or is seen.
_LEAD_IS_CONVERTED = "(SELECT converted_at FROM leads_lead WHERE id = NEW.lead_id{hold}) IS NOT NULL"

# name, table, event, condition, message; the INSERT triggers stand against SQLite's INSERT OR REPLACE
TRIGGERS = (
    # UPDATE OR REPLACE of a primary key would put one lead in the place of another
    ("lock_lead_update", "leads_lead", "UPDATE", "OLD.converted_at IS NOT NULL OR NEW.id <> OLD.id", LOCKED_LEAD),
    (
        "lock_lead_replace",
        "leads_lead",
        "INSERT",
        "EXISTS (SELECT 1 FROM leads_lead WHERE id = NEW.id AND converted_at IS NOT NULL)",
        LOCKED_LEAD,
    ),
    ("lock_conversion_update", "leads_conversion", "UPDATE", "", FINAL_CONVERSION),
    (
        "lock_conversion_replace",
        "leads_conversion",
        "INSERT",
        "EXISTS (SELECT 1 FROM leads_conversion WHERE id = NEW.id OR lead_id = NEW.lead_id)",
        FINAL_CONVERSION,
    ),
    ("lock_dossier_insert", "related_dossier", "INSERT", _LEAD_IS_CONVERTED, LOCKED_DOSSIER),
    ("lock_dossier_update", "related_dossier", "UPDATE", _LEAD_IS_CONVERTED, LOCKED_DOSSIER),
)
ON_POSTGRESQL = (("lock_conversion_delete", "leads_conversion", "DELETE", "", FINAL_CONVERSION),)
Trigger = tuple[str, str, str, str, str]


def triggers(connection: BaseDatabaseWrapper) -> tuple[Trigger, ...]:
    """The triggers that this database must have."""
    return (*TRIGGERS, *ON_POSTGRESQL) if connection.vendor == "postgresql" else TRIGGERS


def _sqlite(name: str, table: str, event: str, condition: str, message: str) -> list[str]:
    when = f"WHEN {condition.format(hold='')}" if condition else ""
    return [
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"
    ]


def _postgresql(name: str, table: str, event: str, condition: str, message: str) -> list[str]:
    refuse = f"RAISE EXCEPTION '{message}';"
    check = f"IF {condition.format(hold=' FOR SHARE')} THEN {refuse} END IF;" if condition else refuse
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {check} RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _drop(connection: BaseDatabaseWrapper, name: str, table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor == "postgresql" else "")


def drop_triggers(sender: AppConfig, using: str, **_signal: Any) -> None:
    """Take the triggers away while tables are being rebuilt."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for name, table, *_rest in triggers(connection):
            if table in tables:
                cursor.execute(_drop(connection, name, table))


def install_triggers(sender: AppConfig, using: str, **_signal: Any) -> None:
    """Put the triggers in place; safe to call again."""
    drop_triggers(sender, using)
    connection = connections[using]
    write = _postgresql if connection.vendor == "postgresql" else _sqlite
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for trigger in triggers(connection):
            for statement in write(*trigger) if trigger[1] in tables else ():
                cursor.execute(statement)


def missing_triggers(using: str = "default") -> list[str]:
    """Name the triggers that are not in the database."""
    connection = connections[using]
    catalogue = "pg_trigger" if connection.vendor == "postgresql" else "sqlite_master"
    column = "tgname" if connection.vendor == "postgresql" else "name"
    names = [name for name, *_rest in triggers(connection)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {catalogue} WHERE {column} IN ({', '.join(['%s'] * len(names))})", names)
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in names if name not in present]


def check_triggers(app_configs: Any, databases: list[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """System check (with --database): the triggers are there."""
    errors: list[CheckMessage] = []
    for using in databases or []:
        try:
            missing = missing_triggers(using)
        except DatabaseError:
            continue
        if missing and "leads_lead" in connections[using].introspection.table_names():
            errors.append(Error(f"Missing triggers: {', '.join(missing)}.", hint="Run migrate.", id="leads.E001"))
    return errors
