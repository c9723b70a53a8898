"""PostgreSQL's trigram indexes, which make searching inside words fast; without the extension search works, but slower."""

from typing import Any

from django.core import checks
from django.db import connections, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.utils import DatabaseError


def create_indexes(schema_editor: BaseDatabaseSchemaEditor, *tables: str) -> None:
    """Index the search text of these tables where the database can; for migrations."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return  # not allowed or not installed: `check --database default` says so
    for table in tables:
        schema_editor.execute(f"CREATE INDEX {table}_words ON {table} USING gin (search_text gin_trgm_ops)")


def drop_indexes(schema_editor: BaseDatabaseSchemaEditor, *tables: str) -> None:
    """Undo `create_indexes`."""
    if schema_editor.connection.vendor == "postgresql":
        for table in tables:
            schema_editor.execute(f"DROP INDEX IF EXISTS {table}_words")


def check_trigrams(app_configs: Any, databases: list[str] | None = None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """System check (with --database): searching inside Persian words is fast."""
    found: list[checks.CheckMessage] = []
    for using in databases or []:
        connection = connections[using]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
            ctype = cursor.fetchone()[0]
            cursor.execute("SELECT to_regclass('records_contact') IS NULL")  # the migration brings the extension
            is_new = cursor.fetchone()[0]
            cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
            has_trigrams = is_new or cursor.fetchone()[0] == 1
        if ctype in ("C", "POSIX"):
            hint = "Create the database with a UTF-8 locale, for example C.UTF-8."
            found.append(
                checks.Warning(f"LC_CTYPE is {ctype}: trigrams know no Persian letters.", hint=hint, id="records.W001")
            )
        if not has_trigrams:
            hint = "Let a superuser run CREATE EXTENSION pg_trgm, then migrate records and leads anew."
            found.append(
                checks.Warning("The extension pg_trgm is missing; search is slow.", hint=hint, id="records.W002")
            )
    return found
