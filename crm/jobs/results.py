"""What became of a job's records: written in one statement for any number, and counted."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet

from crm.jobs.models import Item, Job
from crm.kit.inserting import insert

Result = tuple[int, str, str]  # the record's primary key, a word, and the reason


def write(job: Job, column: str, results: Iterable[Result]) -> None:
    """Write `column` ("verdict" or "outcome") and the reason of each record."""
    rows: list[Any] = list(results)
    if not rows:
        return
    known = {"verdict": "verdict", "outcome": "outcome"}[column]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE jobs_item SET {known} = told.column2, reason = told.column3 "
            f"FROM (VALUES {', '.join(['(%s, %s, %s)'] * len(rows))}) AS told "
            "WHERE jobs_item.job_id = %s AND jobs_item.record = told.column1",
            [*chain.from_iterable(rows), job.pk],
        )


def column_of(job: Job) -> str:
    """Where what is said of a job's records stands: "verdict" before the start, "outcome" from then on."""
    return "verdict" if job.state in (Job.State.CHECKING, Job.State.READY) else "outcome"


def waiting(job: Job, column: str, *, most: int) -> list[Item]:
    """The next items of which nothing is said in that column, as long as the job is in the state that fills it; one statement."""
    state = {"verdict": Job.State.CHECKING, "outcome": Job.State.RUNNING}[column]
    return list(Item.objects.filter(job=job.pk, job__state=state, **{column: ""}).order_by("pk")[:most])


def tally(job: Job, column: str) -> dict[str, int]:
    """How many records have which word; "" is for those that wait."""
    counted = Item.objects.filter(job=job).order_by().values_list(column).annotate(times=Count("pk"))
    return dict(counted.values_list(column, "times"))


def fill(job: Job, records: QuerySet[Any, Any] | Sequence[int]) -> int:
    """Put these records into the job, in the order of their keys, in one statement; tells how many.

    Records that are named by their keys need not be there: the job says so.
    """
    if not isinstance(records, QuerySet):
        return len(insert([Item(job=job, record=pk) for pk in sorted(set(records))]))
    try:
        sql, values = records.order_by("pk").values("pk").query.sql_with_params()
    except EmptyResultSet:  # nothing that this user may see
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_item (job_id, record, verdict, choice, outcome, reason) "
            f"SELECT %s, chosen.pk, '', '{{}}', '', '' FROM ({sql}) chosen",
            [job.pk, *values],
        )
        return int(cursor.rowcount)
