"""The report of a job as a CSV file for spreadsheets: a line for each lead, written while it is sent."""

import csv
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from crm.jobs.models import Item, Job
from leads.bulk.page import lines

CHUNK = 500


class _Echo:
    """Gives each written line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def report(job: Job, user: Any) -> Iterator[str]:
    """The file, line by line. What a spreadsheet would take for a formula is written as text."""
    column = "verdict" if job.state in (Job.State.CHECKING, Job.State.READY) else "outcome"
    writer = csv.writer(_Echo())
    head = (_("Lead"), _("Name"), _("Company"), _("Result"), _("Reason"), _("Receipt"), _("Created or filled"))
    yield "\ufeff" + writer.writerow([_safe(text) for text in head])
    last = 0
    while items := list(Item.objects.filter(job=job, pk__gt=last).order_by("pk")[:CHUNK]):
        for line in lines(items, column, user):
            yield writer.writerow(
                _safe(text)
                for text in (
                    line.number,
                    line.lead.title if line.lead else "",
                    line.lead.company if line.lead else "",
                    str(line.word),
                    line.item.reason,
                    line.conversion.number if line.conversion else "",
                    ", ".join(record.number for record in line.records),
                )
            )
        last = items[-1].pk


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text
