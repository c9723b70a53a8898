"""Which leads somebody chose on the list: ticked ones, or everything that the list's filters find."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.lists.selection import Selection
from leads.models import Lead

MOST_NUMBERS = 10_000  # that one request may name; a filter finds any number


def chosen(post: QueryDict, *, by: Any) -> Any:
    """The chosen leads as a queryset, as far as `by` may see them. Raises ValidationError with what to do."""
    if post.get("all"):
        return _all_of(post.get("of", ""), by)
    numbers = numbers_of(post.getlist("lead"))
    if not numbers:
        raise ValidationError(_("Tick at least one lead, or choose all of the view."))
    return Lead.objects.visible_to(by).filter(pk__in=numbers)


def _all_of(address: str, by: Any) -> Any:
    """All leads of a view. A condition that can't be understood narrows nothing, so nothing is done with it."""
    selection = Selection(by, registry.module("lead"), QueryDict(address.removeprefix("?")))
    if problem := next((one.problem for one in selection.filters if one.problem), ""):
        raise ValidationError(problem)
    return selection.found


def numbers_of(sent: Any) -> list[int]:
    """The leads' numbers as they were sent. Raises ValidationError for too many, and for what is none."""
    if len(sent) > MOST_NUMBERS:
        message = _("At most %(max)s leads can be named at once. Choose them by a filter instead.")
        raise ValidationError(message % {"max": MOST_NUMBERS})
    try:
        numbers = {int(one) for one in sent if not isinstance(one, bool)}
    except (TypeError, ValueError):
        raise ValidationError(_("Name leads by their numbers.")) from None
    if any(not 0 < number < 2**63 for number in numbers) or any(isinstance(one, bool | float) for one in sent):
        raise ValidationError(_("Name leads by their numbers."))
    return sorted(numbers)
