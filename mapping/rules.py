"""The rules of a mapping row (PRODUCT §1): same type, equal or larger size, options known. Pure; asked by everyone.

The third rule, one source per target, is about the whole table: `duplicates`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.fields import dictionary
from crm.fields.dictionary import Option
from crm.fields.kinds import LINK, USER
from crm.fields.registry import Field
from crm.kit.numbers import show_number

NAMED = 12  # options that a sentence names


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a source can't go into a target: a code for programs and a sentence for people."""

    code: str
    message: str

    def __str__(self) -> str:
        return self.message


def problem(source: Field | None, target: Field | None) -> Problem | None:
    """Say what keeps `source` from going into `target`, or None if it fits."""
    if source is None:
        return Problem(code="no_source", message=str(_("This lead field doesn't exist any more. Choose another.")))
    if target is None:
        return Problem(code="no_target", message=str(_("This target field doesn't exist any more. Choose another.")))
    return _type(source, target) or _size(source, target) or _options(source, target)


def _type(source: Field, target: Field) -> Problem | None:
    if target.read_only:
        return Problem(code="type", message=str(_("The system keeps this field itself. Choose another.")))
    if source.kind is target.kind and source.kind not in (LINK, USER):
        return None
    message = _("%(source)s can't go into %(target)s. Choose a field of the type %(source)s.") % {
        "source": source.kind.label,
        "target": target.kind.label,
    }
    return Problem(code="type", message=message)


def _size(source: Field, target: Field) -> Problem | None:
    if source.kind.size == "length" and target.length and (source.length is None or source.length > target.length):
        return Problem(code="size", message=_too_short(source, target))
    if source.kind.size == "digits":
        return _precision(source, target)
    return None


def _too_short(source: Field, target: Field) -> str:
    if source.length is None:
        return _(
            "Holds %(target)s characters; the lead field holds any number. Pick a larger field or enlarge this one."
        ) % {"target": show_number(target.length or 0)}
    return _(
        "Holds %(target)s characters; the lead field holds %(source)s. Pick a larger field or enlarge this one."
    ) % {
        "target": show_number(target.length or 0),
        "source": show_number(source.length),
    }


def _precision(source: Field, target: Field) -> Problem | None:
    if (target.places or 0) < (source.places or 0):
        message = _("Target keeps %(target)s decimals; the lead field keeps %(source)s.") % {
            "target": show_number(target.places or 0),
            "source": show_number(source.places or 0),
        }
        return Problem(code="places", message=message)
    if whole_digits(target) < whole_digits(source):
        message = _("Target keeps %(target)s digits before the point; the lead field keeps %(source)s.") % {
            "target": show_number(whole_digits(target)),
            "source": show_number(whole_digits(source)),
        }
        return Problem(code="digits", message=message)
    return None


def whole_digits(field: Field) -> int:
    """How many digits a number field holds before the point."""
    return (field.digits or 0) - (field.places or 0)


def missing_options(source: Field, target: Field) -> list[Option]:
    """The options of the source that the target doesn't offer."""
    if not source.kind.chooses or source.list_key == target.list_key:
        return []
    known = {option.value for option in dictionary.options(target.list_key)}
    offered = {option.value for option in dictionary.options(target.list_key) if not option.retired}
    return [
        option
        for option in dictionary.options(source.list_key)
        if option.value not in (known if option.retired else offered)
    ]


def _options(source: Field, target: Field) -> Problem | None:
    missing = [option.label for option in missing_options(source, target)]
    if not missing:
        return None
    message = ngettext(
        "%(count)s option of the lead field doesn't exist in the target: %(options)s. Its values would go to a note.",
        "%(count)s options of the lead field don't exist in the target: %(options)s. Their values would go to a note.",
        len(missing),
    ) % {"count": show_number(len(missing)), "options": named(missing)}
    return Problem(code="options", message=message)


def named(options: list[str]) -> str:
    """The first options by name; a list can be long."""
    return _(", ").join([*options[:NAMED], *(["…"] if len(options) > NAMED else [])])


def duplicates(links: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Give the (module, target) pairs that more than one source goes into."""
    seen: set[tuple[str, str]] = set()
    return {pair for pair in links if pair in seen or seen.add(pair)}  # type: ignore[func-returns-value]
