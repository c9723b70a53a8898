"""The report of a job as a file for spreadsheets: a row for each lead, read while it is sent."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from crm.jobs import results
from crm.jobs.models import Item, Job
from leads.bulk.page import lines

CHUNK = 500


def report(job: Job, user: Any) -> Iterator[list[str]]:
    """The header, then what became of each lead."""
    column = results.column_of(job)
    yield [_("Lead"), _("Name"), _("Company"), _("Result"), _("Reason"), _("Receipt"), _("Created or filled")]
    last = 0
    while items := list(Item.objects.filter(job=job, pk__gt=last).order_by("pk")[:CHUNK]):
        for line in lines(items, column, user):
            yield [
                line.number,
                line.lead.title if line.lead else "",
                line.lead.company if line.lead else "",
                str(line.word),
                line.item.reason,
                line.conversion.number if line.conversion else "",
                ", ".join(record.number for record in line.records),
            ]
        last = items[-1].pk
