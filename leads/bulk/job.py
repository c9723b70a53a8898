"""The job that converts many leads: checked first if the user wants to look, then converted chunk by chunk by the worker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.jobs import results, services, turns
from crm.jobs.models import Item, Job
from crm.jobs.tasks import enqueue, task
from crm.people.access import can
from leads.conversion.bulk import CHUNK, CONVERTED, EARLIER, REFUSED, UNDECIDED, Outcome
from leads.conversion.many import CREATE, SKIP, Choice, Wish, convert_many, examine_many
from leads.conversion.scheme import Scheme
from leads.models import Lead

KIND = "convert-leads"
CHECK = "check-leads"
CLEAN, DECIDE, CANNOT = "clean", "decide", "cannot"
VERDICTS = {CONVERTED: CLEAN, UNDECIDED: DECIDE, REFUSED: CANNOT, EARLIER: CANNOT}
AT_ONCE = 200  # leads that are checked while the user waits


def create(leads: Any, wish: Wish, *, by: Any) -> Job:
    """Make a job for these leads: a queryset of what `by` may see, or numbers. Raises PermissionDenied."""
    if not (can(by, "convert", Lead) and can(by, "change", Lead)):
        raise PermissionDenied
    with transaction.atomic():
        job = Job.objects.create(
            kind=KIND, created_by=by, options=_as_options(wish), language=(translation.get_language() or "fa")[:2]
        )
        job.total = results.fill(job, leads)
        job.save(update_fields=["total"])
    return job


def check(job: Job) -> None:
    """Sort the job's leads into clean, to be decided and impossible: now if they are few, else in the background."""
    if job.total <= AT_ONCE:
        while _check_some(job, Scheme.read(job.created_by)):
            pass
    else:
        enqueue(CHECK, job=job.pk)


def key(job: Job) -> str:
    """By which each conversion knows its job."""
    return f"job-{job.pk}"


def _as_options(wish: Wish) -> dict[str, Any]:
    return {"parts": list(wish.parts), "transfer_to": wish.transfer_to, "on_match": wish.on_match}


def wish_of(job: Job, choices: Mapping[int, Choice] | None = None) -> Wish:
    """What was wished for the job's leads."""
    options = job.options
    return Wish(
        parts=tuple(options.get("parts", ())),
        transfer_to=options.get("transfer_to"),
        on_match=options.get("on_match", CREATE),
        key=key(job),
        choices=choices or {},
    )


def change_wish(job: Job, wish: Wish) -> None:
    """Order something else before the start."""
    Job.objects.filter(pk=job.pk, state=Job.State.READY).update(options=_as_options(wish))
    job.refresh_from_db()


def choice_of(item: Item) -> Choice | None:
    """What was decided for one lead, if anything was."""
    told = item.choice
    if not told:
        return None
    existing, parts = dict(told.get("existing", {})), tuple(told.get("parts", ()))
    return Choice(existing=existing, parts=parts, transfer_to=told.get("transfer_to"))


@task(CHECK, back_off=(2, 10, 60), given_up=turns.fail)
def check_leads(job: int) -> None:
    """Check as much as a turn allows."""
    _in_turns(job, _check_some)


@task(KIND, back_off=(2, 10, 60, 300), given_up=turns.fail)
def convert_leads(job: int) -> None:
    """Convert as much as a turn allows."""
    _in_turns(job, convert_some)


def _in_turns(job: int, some: Callable[[Job, Scheme], bool]) -> None:
    if found := turns.find(job):
        scheme = Scheme.read(found.created_by)
        turns.in_turns(found, lambda job: some(job, scheme))


def _check_some(job: Job, scheme: Scheme) -> bool:
    """Check a chunk, and tell whether there was one; after the last the job is ready to start."""
    items = results.waiting(job, "verdict", most=CHUNK)
    if not items:
        services.turn(job, (Job.State.CHECKING,), Job.State.READY)
        return False
    wish = replace(wish_of(job), on_match=SKIP)
    outcomes = examine_many([item.record for item in items], wish, by=job.created_by, scheme=scheme)
    results.write(job, "verdict", ((one.lead, VERDICTS[one.result], one.reason) for one in outcomes))
    return True


def convert_some(job: Job, scheme: Scheme) -> bool:
    """Convert a chunk, and tell whether there was one; after the last the job is finished."""
    items = results.waiting(job, "outcome", most=CHUNK)
    if not items:
        services.turn(job, (Job.State.RUNNING,), Job.State.FINISHED, finished_at=timezone.now())
        return False
    left = [item for item in items if item.choice.get("skip")]
    results.write(job, "outcome", ((item.record, UNDECIDED, item.reason or _("Left out.")) for item in left))
    choices = {item.record: choice for item in items if (choice := choice_of(item)) and item not in left}

    def mark(outcomes: Sequence[Outcome]) -> None:
        results.write(job, "outcome", ((one.lead, one.result, one.reason) for one in outcomes))

    skipped = {item.record for item in left}
    pks = [item.record for item in items if item.record not in skipped]
    convert_many(pks, wish_of(job, choices), by=job.created_by, mark=mark, scheme=scheme)
    return True
