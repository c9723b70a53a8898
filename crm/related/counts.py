"""How much hangs on a record, by kind, in one statement."""

from collections.abc import Sequence

from django.db import connection

from crm.related.models import KINDS

NAMES = ("activities", "emails", "documents", "comments", "campaigns", "products")


def related_counts(holder: str, pk: int) -> dict[str, int]:
    """Count what hangs on all dossiers that the record holds: {"activities": 4, …}, zeros included.

    `holder` is a foreign key of the dossier: lead, organization, contact, opportunity or came_from. Written by hand, because
    putting six queries together takes the ORM longer than the database needs to answer them.
    """
    return _counted(f"SELECT id FROM related_dossier WHERE {holder}_id = %s", [pk])


def related_counts_of(holder: str, pks: Sequence[int]) -> dict[int, dict[str, int]]:
    """The same for many records at once, by primary key; still one statement."""
    marks = ", ".join(["%s"] * len(pks))
    parts = (
        f"SELECT {place}, held.{holder}_id, COUNT(*) FROM related_dossier held "
        f"JOIN {kind._meta.db_table} item ON item.dossier_id = held.id WHERE held.{holder}_id IN ({marks}) GROUP BY 2"
        for place, kind in enumerate(KINDS)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [*pks] * len(KINDS))
        found = {(pk, NAMES[place]): count for place, pk, count in cursor.fetchall()}
    return {pk: {name: found.get((pk, name), 0) for name in NAMES} for pk in pks}


def counts_in(dossiers: Sequence[int]) -> dict[str, int]:
    """Count what lies in these dossiers; there must be one at least."""
    return _counted(", ".join(["%s"] * len(dossiers)), list(dossiers))


def _counted(dossiers: str, parameters: list[int]) -> dict[str, int]:
    parts = (
        f"SELECT {place}, COUNT(*) FROM {kind._meta.db_table} WHERE dossier_id IN ({dossiers})"
        for place, kind in enumerate(KINDS)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters * len(KINDS))
        found = dict(cursor.fetchall())
    return {name: found[place] for place, name in enumerate(NAMES)}
