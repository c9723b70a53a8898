"""Handing a dossier over: everything that hangs on a record changes hands in one statement, however much it is."""

from collections.abc import Sequence

from django.db import connection

from crm.records.base import Record
from crm.related.models import Dossier, Following, Tagging


def hand_over_lead(lead_id: int, *, to: Record) -> None:
    """Give all dossiers of a lead to another record; they keep the name of the lead they came from."""
    Dossier.objects.filter(lead=lead_id).update(
        **{"lead": None, to.module.key: to.pk}, is_home=False, came_from=lead_id
    )


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
