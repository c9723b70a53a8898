"""Which records somebody chose on a list: ticked ones, or everything that the list's address finds."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.kit.numbers import show_number
from crm.lists.selection import Selection

MOST_NUMBERS = 10_000  # that one request may name; a filter finds any number


def chosen(post: QueryDict, module: registry.Module, *, by: Any) -> Any:
    """The chosen records: a queryset of all of a view as far as `by` may see it, or the numbers that were ticked, unchecked.

    Raises ValidationError with what to do; NotUnderstood for a view that may be more than was meant.
    """
    if post.get("all"):
        return listed(post, module, by=by).understood
    numbers = numbers_of(post.getlist(module.key))
    if not numbers:
        raise ValidationError(_("Tick at least one record, or choose all of the view."))
    return numbers


def visible(records: Any, module: registry.Module, *, by: Any) -> Any:
    """The chosen records as a queryset, as far as `by` may see them."""
    manager: Any = module.model._default_manager
    return manager.visible_to(by).filter(pk__in=records) if isinstance(records, list) else records


def listed(post: QueryDict, module: registry.Module, *, by: Any) -> Selection:
    """The list on which the records were chosen."""
    return Selection(by, module, QueryDict(post.get("of", "").removeprefix("?")))


def numbers_of(sent: Sequence[Any]) -> list[int]:
    """Records' numbers as they were sent. Raises ValidationError for too many, and for what is none."""
    if len(sent) > MOST_NUMBERS:
        message = _("At most %(max)s records can be named at once. Choose them by a filter instead.")
        raise ValidationError(message % {"max": show_number(MOST_NUMBERS)})
    try:
        numbers = {int(one) for one in sent if not isinstance(one, bool)}
    except (TypeError, ValueError):
        raise ValidationError(_("Name records by their numbers.")) from None
    if any(not 0 < number < 2**63 for number in numbers) or any(isinstance(one, bool | float) for one in sent):
        raise ValidationError(_("Name records by their numbers."))
    return sorted(numbers)
