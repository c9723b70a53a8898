"""Handing a dossier over: everything that hangs on a record changes hands in one statement, however much it is."""

from collections.abc import Mapping, Sequence
from itertools import chain

from django.db import connection

from crm.records.base import Record
from crm.related.models import Following, Tagging


def carry_tags_and_followers(holder: str, pk: int, *, to: Sequence[int]) -> int:
    """Put the tags and followers of a record also on the dossiers `to`; give how many followings these are.

    One that is there already is written again, so that it is counted too.
    """
    made = 0
    for model, column in ((Tagging, "tag_id"), (Following, "user_id")):
        table, marks = model._meta.db_table, ", ".join(["%s"] * len(to))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (dossier_id, {column}) "
                f"SELECT DISTINCT home.id, carried.{column} FROM {table} carried "
                f"JOIN related_dossier source ON source.id = carried.dossier_id AND source.{holder}_id = %s "
                f"CROSS JOIN related_dossier home WHERE home.id IN ({marks}) "
                f"ON CONFLICT (dossier_id, {column}) DO UPDATE SET {column} = EXCLUDED.{column}",
                [pk, *to],
            )
            made = cursor.rowcount
    return made  # by the last statement, for the followers


def followers_from(leads: Sequence[int]) -> list[tuple[int, int]]:
    """Each lead with each of its followers, once its dossiers have been handed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT source.came_from_id, carried.user_id FROM {Following._meta.db_table} carried JOIN related_dossier source "
            f"ON source.id = carried.dossier_id WHERE source.came_from_id IN ({', '.join(['%s'] * len(leads))})",
            [*leads],
        )
        return cursor.fetchall()  # type: ignore[no-any-return]


def hand_over_leads(targets: Mapping[int, Record]) -> None:
    """Give all dossiers of leads away, each lead's to its target: an organization or a contact. One statement.

    They keep the name of the lead they came from.
    """
    rows = [
        [lead, *(to.pk if to.module.key == key else None for key in ("organization", "contact"))]
        for lead, to in targets.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE related_dossier SET lead_id = NULL, came_from_id = handed.column1, is_home = false, "
            "organization_id = CAST(handed.column2 AS bigint), contact_id = CAST(handed.column3 AS bigint) "
            f"FROM ({_values(rows)}) AS handed WHERE related_dossier.lead_id = handed.column1",
            list(chain.from_iterable(rows)),
        )


def carry_all_tags_and_followers(homes: Sequence[tuple[int, int]]) -> int:
    """Put the tags and followers that came from each lead on the dossiers beside it: pairs of a lead and a home.

    Two statements; gives how many followings that makes.
    """
    made = 0
    for model, column in ((Tagging, "tag_id"), (Following, "user_id")):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (dossier_id, {column}) "
                f"SELECT DISTINCT home.column2, carried.{column} FROM ({_values(homes)}) AS home "
                "JOIN related_dossier source ON source.came_from_id = home.column1 "
                f"JOIN {table} carried ON carried.dossier_id = source.id WHERE true ON CONFLICT DO NOTHING",
                list(chain.from_iterable(homes)),
            )
            made = cursor.rowcount
    return made


def _values(rows: Sequence[Sequence[int | None]]) -> str:
    """A table of numbers in the middle of a statement; its columns are called column1, column2 … on both databases."""
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    return f"VALUES {', '.join([row] * len(rows))}"
