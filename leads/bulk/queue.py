"""Going through the leads that need a decision one by one, each on its full conversion page: `?queue=<job>`."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse

from crm.jobs import results, services
from crm.jobs.models import Item, Job
from crm.kit.keys import parse_key
from leads.bulk.job import DECIDE, KIND
from leads.conversion.bulk import CONVERTED, UNDECIDED
from leads.models import Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where in the queue a lead is, and which is next."""

    job: Job
    position: int
    total: int
    next: str  # the address of the next lead's page, or of the job if this is the last

    def done(self, lead: int) -> None:
        """Remember that the lead was converted on its page."""
        results.write(self.job, "outcome", [(lead, CONVERTED, "")])


def start(job: Job) -> str:
    """The address of the first lead that needs a decision, or "" if none does."""
    first = _waiting(job).order_by("pk").first()
    return _address(job, first) if first else ""


def queue_of(request: HttpRequest, lead: int) -> Queue | None:
    """The queue that the address names, if it is one of the user's and the lead is in it."""
    number = parse_key(request.GET.get("queue", ""))
    if number is None:
        return None
    job = services.visible_to(request.user).filter(pk=number, kind=KIND).first()
    item = Item.objects.filter(job=job, record=lead).first() if job else None
    if job is None or item is None:
        return None
    every, after = _every(job), _waiting(job).filter(pk__gt=item.pk).order_by("pk").first()
    return Queue(
        job=job,
        position=every.filter(pk__lte=item.pk).count(),
        total=every.count(),
        next=_address(job, after) if after else job.get_absolute_url(),
    )


def _every(job: Job) -> Any:
    """All items that needed or need a decision: before the start by the check, afterwards by what became of them."""
    column = {"verdict": DECIDE} if job.state == Job.State.READY else {"outcome__in": (UNDECIDED, CONVERTED)}
    return Item.objects.filter(job=job, **column)


def _waiting(job: Job) -> Any:
    """The items that still need a decision; a lead that was converted or deleted elsewhere needs none."""
    is_open = Exists(Lead.objects.filter(pk=OuterRef("record")))
    return _every(job).filter(is_open, outcome="" if job.state == Job.State.READY else UNDECIDED)


def _address(job: Job, item: Item) -> str:
    return f"{reverse('leads-convert', args=[item.record])}?queue={job.pk}"
