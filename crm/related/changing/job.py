"""The job that gives many records a value: chosen on a list, checked, shown, and then done chunk by chunk; it can be undone."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone, translation

from crm.fields import registry
from crm.fields.registry import Field, Module
from crm.jobs import results, services, turns
from crm.jobs.models import Item, Job
from crm.jobs.tasks import enqueue, task
from crm.kit.contention import begins_again
from crm.kit.updating import update
from crm.people.access import can
from crm.related.changing.many import CHANGED, Outcome, Wanted, change_many, examine_many

KIND, CHECK = "change-records", "check-changes"
CHUNK = 1000
AT_ONCE = 200  # records that are dealt with while the user waits


def create(module: Module, records: Any, *, by: Any) -> Job:
    """Make a job for these records: a queryset of what `by` may see, or numbers. What is to change is chosen afterwards."""
    if not can(by, "change", module.model):
        raise PermissionDenied
    with transaction.atomic():
        job = _new(by, {"module": module.key}, state=Job.State.READY)
        job.total = results.fill(job, records)
        job.save(update_fields=["total"])
    return job


def _new(by: Any, options: dict[str, Any], **columns: Any) -> Job:
    language = (translation.get_language() or "fa")[:2]
    return Job.objects.create(kind=KIND, created_by=by, options=options, language=language, **columns)


def _held(job: Job) -> Job:
    """The job as it is now, which nobody else orders, starts or undoes until the transaction ends."""
    return Job.objects.select_for_update().get(pk=job.pk)


def module_of(job: Job) -> Module:
    return registry.module(job.options["module"])


def field_of(job: Job) -> Field | None:
    """The field to change; None before it was chosen, and if it was retired."""
    field = module_of(job).fields.get(job.options.get("field", ""))
    return None if field is None or field.read_only else field


def value_of(job: Job) -> Any:
    """The value that the records are to get."""
    field = field_of(job)
    return field.kind.load(job.options["value"]) if field else None


def order(job: Job, field: Field, value: Any) -> bool:
    """Choose what is to change, before the start, and check it: now if the records are few, else in the background."""
    with transaction.atomic():
        held = _held(job)  # as it is now: two windows may order at once, and each order has a number of its own
        times = held.options.get("times", 0) + 1
        options = {**held.options, "field": field.key, "value": field.kind.wire(value), "times": times}
        if not services.turn(held, (Job.State.READY,), Job.State.CHECKING, options=options):
            return False
        Item.objects.filter(job=job.pk).update(verdict="", reason="")
        if job.total > AT_ONCE:
            enqueue(CHECK, job=job.pk)
    job.refresh_from_db()
    _if_few(job, _check_some)
    return True


def start(job: Job, *, by: Any) -> bool:
    """Let a checked job run, unless something else was ordered since `job` was read; a few records are changed at once.

    Pressed twice, it runs once.
    """
    with transaction.atomic():
        held = _held(job)
        is_as_read = held.state == Job.State.READY and held.options == job.options
        if not is_as_read or field_of(held) is None or not services.start(held, by=by):
            return False
    _if_few(job, _change_some)
    return True


def undo(job: Job, *, by: Any) -> Job | None:
    """Give the changed records back what they held, where nobody changed that since; asked twice, it is done once."""
    if not can(by, "change", module_of(job).model):
        raise PermissionDenied
    with transaction.atomic():
        held = _held(job)
        if not may_be_undone(held):
            return None
        options = {key: held.options[key] for key in ("module", "field", "value")} | {"undo_of": held.pk}
        undoing = _new(by, options, state=Job.State.READY)
        undoing.total = _fill_from(undoing, held)
        undoing.save(update_fields=["total"])
        held.options["undone_by"] = undoing.pk
        held.save(update_fields=["options"])
        services.turn(held, (Job.State.FAILED,), Job.State.CANCELLED)  # what was given back isn't done after all
        services.start(undoing, by=by)
    _if_few(undoing, _change_some)
    return undoing


def may_be_undone(job: Job) -> bool:
    """Whether what was changed can be given back: once, not what was itself an undo, and in a field that is still there."""
    is_first = not job.options.keys() & {"undo_of", "undone_by"} and field_of(job) is not None
    return job.is_over and is_first and Item.objects.filter(job=job.pk, outcome=CHANGED).exists()


def _fill_from(undoing: Job, job: Job) -> int:
    """Put what the job changed into its undo, with what was there before; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_item (job_id, record, verdict, choice, outcome, reason) "
            "SELECT %s, record, '', choice, '', '' FROM jobs_item WHERE job_id = %s AND outcome = %s",
            [undoing.pk, job.pk, CHANGED],
        )
        return int(cursor.rowcount)


def _if_few(job: Job, some: Any) -> None:
    """Do a small job within the request. The worker may take a part of it: each chunk is taken by one of both."""
    while job.total <= AT_ONCE and some(job):
        pass
    job.refresh_from_db()


@task(CHECK, back_off=(2, 10, 60), given_up=turns.fail)
def check_changes(job: int) -> None:
    """Check as much as a turn allows."""
    if found := turns.find(job):
        turns.in_turns(found, _check_some)


@task(KIND, back_off=(2, 10, 60, 300), given_up=turns.fail)
def change_records(job: int) -> None:
    """Change as much as a turn allows."""
    if found := turns.find(job):
        turns.in_turns(found, _change_some)


def _check_some(job: Job) -> bool:
    """Check a chunk, and tell whether there was one; after the last the job is ready to start."""
    items = results.waiting(job, "verdict", most=CHUNK)
    if not items:
        services.turn(job, (Job.State.CHECKING,), Job.State.READY)
        return False
    if (wanted := _wanted(job, items)) is None:
        return False
    outcomes = examine_many(module_of(job), wanted, by=job.created_by)
    results.write(job, "verdict", ((one.record, one.result, one.reason) for one in outcomes))
    return True


@begins_again
def _change_some(job: Job) -> bool:
    """Change a chunk and write down what became of it, in one transaction; tells whether there was one."""
    with transaction.atomic():
        if not Job.objects.select_for_update().filter(pk=job.pk, state=Job.State.RUNNING).exists():
            return False
        items = results.waiting(job, "outcome", most=CHUNK)
        if not items:
            services.turn(job, (Job.State.RUNNING,), Job.State.FINISHED, finished_at=timezone.now())
            return False
        if (wanted := _wanted(job, items)) is None:
            return False
        _write_down(items, change_many(module_of(job), wanted, by=job.created_by))
    return True


def _wanted(job: Job, items: Sequence[Item]) -> Wanted | None:
    """What the records of these items are to hold; None if the field was retired meanwhile: then the job fails."""
    field = field_of(job)
    if field is None:
        turns.fail(job.pk, "field retired")
        return None
    if "undo_of" in job.options:
        values = {item.record: field.kind.load(item.choice["old"]) for item in items}
        return Wanted(field=field, values=values, expected=value_of(job), is_undo=True)
    return Wanted(field=field, values=dict.fromkeys((item.record for item in items), value_of(job)))


def _write_down(items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
    told = {one.record: one for one in outcomes}
    for item in items:
        one = told[item.record]
        item.outcome, item.reason = one.result, one.reason
        if one.result == CHANGED:
            item.choice = {"old": one.old}
    update(items, ("outcome", "reason", "choice"))
