"""Working at a job in turns, in its owner's name, language and calendar, so that others get theirs."""

import time
from collections.abc import Callable

from django.utils import translation

from crm.jobs import services
from crm.jobs.models import Job
from crm.jobs.tasks import Again
from crm.kit import preferences

TURN = 5.0  # seconds of work until others have their turn


def fail(job: int, problem: str) -> None:
    """End a job that can't go on; what it did stays, and it can be resumed."""
    Job.objects.filter(pk=job, state__in=services.OPEN).update(state=Job.State.FAILED, problem=problem[:1000])


def find(pk: int) -> Job | None:
    """The job, unless its owner's account was closed: then it fails."""
    found = Job.objects.select_related("created_by__team").filter(pk=pk).first()
    if found and not found.created_by.is_active:
        fail(pk, "account closed")
        return None
    return found


def in_turns(job: Job, some: Callable[[Job], bool]) -> None:
    """Do some of the job until nothing is left, or the turn is over."""
    by, until = job.created_by, time.monotonic() + TURN
    with translation.override(job.language), preferences.use(calendar=by.calendar or None, digits=by.digits or None):
        while some(job):
            if time.monotonic() > until:
                raise Again
