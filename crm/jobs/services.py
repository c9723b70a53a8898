"""Starting, pausing, resuming and cancelling a job. Who may is who asked for it, and administrators."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from crm.jobs.models import Job
from crm.jobs.tasks import enqueue

OPEN = (Job.State.CHECKING, Job.State.READY, Job.State.RUNNING, Job.State.PAUSED)


def visible_to(user: Any) -> Any:
    """The jobs that the user may look at and steer: their own, and all for administrators."""
    return Job.objects.all() if user.has_perm("jobs.change_job") else Job.objects.filter(created_by=user.pk)


def start(job: Job, *, by: Any) -> bool:
    """Let a job that was checked, or is new, run; the task has the name of the job's kind."""
    _check(job, by)
    with transaction.atomic():
        return _go(job, (Job.State.CHECKING, Job.State.READY), started_at=timezone.now())


def resume(job: Job, *, by: Any) -> bool:
    """Let a job that was paused, or failed, run on from where it stopped."""
    _check(job, by)
    with transaction.atomic():
        return _go(job, (Job.State.PAUSED, Job.State.FAILED), problem="")


def pause(job: Job, *, by: Any) -> bool:
    """Let a running job rest after what it is doing now."""
    _check(job, by)
    return turn(job, (Job.State.RUNNING,), Job.State.PAUSED)


def cancel(job: Job, *, by: Any) -> bool:
    """End a job for good; what it did stays."""
    _check(job, by)
    return turn(job, OPEN, Job.State.CANCELLED, finished_at=timezone.now())


def turn(job: Job, before: tuple[str, ...], after: str, **columns: Any) -> bool:
    """Change the state if it still is one of these; tells whether it was. Two people, or a person and the worker, may try at once."""
    return bool(Job.objects.filter(pk=job.pk, state__in=before).update(state=after, **columns))


def _go(job: Job, before: tuple[str, ...], **columns: Any) -> bool:
    if not turn(job, before, Job.State.RUNNING, **columns):
        return False
    enqueue(job.kind, job=job.pk)
    return True


def _check(job: Job, by: Any) -> None:
    if job.created_by_id != by.pk and not by.has_perm("jobs.change_job"):
        raise PermissionDenied
