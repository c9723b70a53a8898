"""Handing over: the task that is planned with a conversion, and what the user writes to the new owners."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.people.access import can
from crm.people.models import User
from crm.records.base import Record
from crm.related.models import Activity, Dossier
from leads.conversion.errors import Errors, InvalidOrder
from leads.conversion.filling import Target
from leads.conversion.order import FollowUp, Order
from leads.conversion.plan import Plan
from leads.models import Conversion

MAIN_FIRST = ("opportunity", "contact", "organization")
LONGEST_MESSAGE = 1000


def main(plan: Plan) -> Target:
    """The record that matters most: the opportunity, else the contact, else the organization."""
    return next(plan.targets[key] for key in MAIN_FIRST if key in plan.targets)


def check(order: Order, plan: Plan, *, by: Any) -> None:
    """Raise InvalidOrder for a task that can't be planned or a message that nobody would get."""
    errors: Errors = {}
    if order.follow_up and (problems := _problems(order.follow_up, by)):
        errors["follow_up"] = problems
    if order.message and (problem := _message_problem(order.message, plan, by)):
        errors[""] = {"message": [problem]}
    if errors:
        raise InvalidOrder(errors)


def _problems(wanted: FollowUp, by: Any) -> dict[str, list[str]]:
    if not can(by, "add", Activity):
        return {"subject": [_("You can't create activities. Leave the follow-up out or ask an administrator.")]}
    task = _task(wanted, owner=by.pk)
    try:
        task.clean_fields(exclude=["dossier", "created_by", "assigned_to"])
    except ValidationError as error:
        return error.message_dict
    if task.assigned_to_id not in (None, by.pk) and not User.objects.filter(pk=task.assigned_to_id, is_active=True):
        return {"assigned_to": [_("Choose an active user.")]}
    return {}


def _message_problem(message: str, plan: Plan, by: Any) -> str:
    if len(message) > LONGEST_MESSAGE:
        return _("A message takes %(max)s characters. Shorten it.") % {"max": LONGEST_MESSAGE}
    made = (target.record for target in plan.targets.values() if target.is_new)
    if all(record.assigned_to_id == by.pk for record in made):
        return _("All new records are yours, so nobody would get this message. Choose another owner or empty it.")
    return ""


def plan_it(
    wanted: FollowUp | None, plan: Plan, homes: Mapping[tuple[str, int], Dossier], *, by: Any, now: dt.datetime
) -> None:
    """Plan the task on the main record, within the conversion's transaction."""
    if wanted is None:
        return
    target = main(plan)
    task = _task(wanted, owner=target.record.assigned_to_id)
    task.dossier, task.created_by, task.created_at = homes[target.key], by, now
    task.save(force_insert=True)


def planned(conversion: Conversion, record: Record) -> Activity | None:
    """The task that was planned with a conversion on this record, if it is still there."""
    held = {f"dossier__{record.module.key}": record.pk}
    with_it = {"created_at": conversion.converted_at, "created_by": conversion.converted_by_id}  # to the microsecond
    return Activity.objects.filter(**held, **with_it).select_related("assigned_to").first()


def _task(wanted: FollowUp, *, owner: int) -> Activity:
    return Activity(subject=wanted.subject, due_at=wanted.due_at, assigned_to_id=wanted.assigned_to or owner)
