"""Finding names that are nearly alike among hundreds of thousands: trigrams, on PostgreSQL by pg_trgm, on SQLite by FTS5.

Where the database has neither, or PostgreSQL's LC_CTYPE is C and knows no Persian letters, names that begin alike are found.
SQLite's index is kept by triggers; like those of the lock they are taken away before a migration and put back after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError

from crm.matching.traits import COMPANY, HOLDERS, PERSON, TOWN

LIMIT = 60  # names that are looked at more closely
NAMESAKES = 300  # names of which those are chosen that are alike most, and of equals those in the same town
LIKENESS = 0.6  # trigrams in common, of all that the two names have
RAREST = 6  # of a name's trigrams are looked up on SQLite
ENOUGH = 20_000  # names with one of them are enough to choose from

Found = set[tuple[str, int]]

_SQLITE = (
    "CREATE VIRTUAL TABLE matching_names USING fts5(text, content='matching_key', content_rowid='id', "
    "tokenize='trigram', detail='none', columnsize=0)",
    "CREATE VIRTUAL TABLE matching_trigrams USING fts5vocab(matching_names, row)",
    "INSERT INTO matching_names (rowid, text) SELECT id, ' ' || text || ' ' FROM matching_key WHERE text <> ''",
    "CREATE TRIGGER matching_names_insert AFTER INSERT ON matching_key FOR EACH ROW WHEN NEW.text <> '' BEGIN "
    "INSERT INTO matching_names (rowid, text) VALUES (NEW.id, ' ' || NEW.text || ' '); END",
    "CREATE TRIGGER matching_names_delete AFTER DELETE ON matching_key FOR EACH ROW WHEN OLD.text <> '' BEGIN "
    "INSERT INTO matching_names (matching_names, rowid, text) VALUES ('delete', OLD.id, ' ' || OLD.text || ' '); END",
)
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "DROP INDEX IF EXISTS matching_names",
    *(
        f"CREATE INDEX IF NOT EXISTS matching_names_{kind} ON matching_key USING gin (text gin_trgm_ops) WHERE kind = '{kind}'"
        for kind in (COMPANY, PERSON)
    ),
)


def install(sender: AppConfig, using: str, **_signal: Any) -> None:
    """Make the index where the database can have one; safe to call again."""
    connection = connections[using]
    if "matching_key" not in connection.introspection.table_names() or has_index(connection):
        return
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            for statement in _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL:
                cursor.execute(statement)
    except DatabaseError:
        return  # not allowed or not built in: names that begin alike are found all the same


def drop(sender: AppConfig, using: str, **_signal: Any) -> None:
    """Take SQLite's index away while tables are being rebuilt."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in ("insert", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS matching_names_{name}")
        for table in ("matching_trigrams", "matching_names"):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def has_index(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the index is there and knows Persian letters."""
    question = "SELECT count(*) FROM sqlite_master WHERE name = 'matching_names_delete'"
    if connection.vendor == "postgresql":
        question = (
            "SELECT count(*) FROM pg_class, pg_database WHERE relname = 'matching_names_person' "
            "AND datname = current_database() AND datctype NOT IN ('C', 'POSIX')"
        )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])


def alike(connection: BaseDatabaseWrapper, names: Sequence[tuple[str, str]], town: str = "") -> dict[str, Found]:
    """The records, as (module key, primary key), whose name is nearly one of `names`, which are kinds and texts; by kind.

    Of more namesakes than are looked at, those in `town` come first.
    """
    named = [(kind, text) for kind, text in names if text]
    if not named:
        return {}
    ask = _beginning
    if has_index(connection):
        ask = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with _threshold(connection) if ask is _on_postgresql else connection.cursor() as cursor:
        return {kind: ask(cursor, kind, text, town) for kind, text in named}


@contextmanager
def _threshold(connection: BaseDatabaseWrapper) -> Iterator[Any]:
    """Set for one transaction from which likeness PostgreSQL's operator finds."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.similarity_threshold = {LIKENESS}")
        yield cursor


_HOLDERS = ", ".join(f"{holder}_id" for holder in HOLDERS)
_IN_TOWN = " OR ".join(
    f"EXISTS (SELECT 1 FROM matching_key town WHERE town.{holder}_id = near.{holder}_id AND town.kind = '{TOWN}' AND town.value = %s)"
    for holder in HOLDERS
)
_CHOSEN = (
    f"SELECT {_HOLDERS} FROM (%s) near ORDER BY alike DESC, ({_IN_TOWN.replace('%s', '%%s')}) DESC, id LIMIT {LIMIT}"
)


def _on_postgresql(cursor: Any, kind: str, text: str, town: str) -> Found:
    """The kind stands in the statement, so that the planner finds the index of that kind."""
    near = (
        f"SELECT {_HOLDERS}, id, similarity(text, %s) AS alike FROM matching_key WHERE kind = '{kind}' AND text %% %s "
        f"ORDER BY alike DESC, id LIMIT {NAMESAKES}"
    )
    cursor.execute(_CHOSEN % near, [text, text, *[town] * len(HOLDERS)])
    return _found(cursor.fetchall())


def _on_sqlite(cursor: Any, kind: str, text: str, town: str) -> Found:
    """Look up the name's rarest trigrams, and count in SQL how many of all its trigrams each name found has."""
    trigrams = _trigrams(text)
    rare = _rarest(cursor, trigrams)
    if not rare:
        return set()
    has = " + ".join(["(instr(' ' || text || ' ', %s) > 0)"] * len(trigrams))
    near = (
        f"SELECT {_HOLDERS}, id, shared * 1.0 / (size + %s - shared) AS alike FROM "
        f"(SELECT {_HOLDERS}, length(text) AS size, id, {has} AS shared FROM matching_key WHERE kind = %s AND id IN "
        f"(SELECT rowid FROM matching_names WHERE matching_names MATCH %s)) "
        f"WHERE shared >= {LIKENESS} * (size + %s - shared) ORDER BY alike DESC, id LIMIT {NAMESAKES}"
    )
    match = " OR ".join(f'"{trigram}"' for trigram in rare)
    size = len(trigrams)
    cursor.execute(_CHOSEN % near, [size, *trigrams, kind, match, size, *[town] * len(HOLDERS)])
    return _found(cursor.fetchall())


def _trigrams(text: str) -> list[str]:
    padded = f" {text} ".replace('"', " ")
    return list(dict.fromkeys(padded[start : start + 3] for start in range(len(padded) - 2)))


def _rarest(cursor: Any, trigrams: list[str]) -> list[str]:
    """The rarest of the trigrams that occur at all, as many as are needed to choose from."""
    marks = ", ".join(["%s"] * len(trigrams))
    cursor.execute(f"SELECT term, doc FROM matching_trigrams WHERE term IN ({marks}) ORDER BY doc, term", trigrams)
    chosen: list[str] = []
    names = 0
    for term, count in cursor.fetchall():
        if len(chosen) >= RAREST or (chosen and names + count > ENOUGH):
            break
        chosen.append(term)
        names += count
    return chosen


def _beginning(cursor: Any, kind: str, text: str, town: str) -> Found:
    """Names that begin with the same letters; what is found without an index of trigrams."""
    near = f"SELECT {_HOLDERS}, id, text AS alike FROM matching_key WHERE kind = %s AND text >= %s AND text < %s ORDER BY text, id LIMIT {NAMESAKES}"
    cursor.execute(_CHOSEN % near, [kind, text[:5], f"{text[:5]}\uffff", *[town] * len(HOLDERS)])
    return _found(cursor.fetchall())


def _found(rows: Iterable[tuple[int | None, ...]]) -> Found:
    return {(holder, pk) for row in rows for holder, pk in zip(HOLDERS, row, strict=True) if pk}
