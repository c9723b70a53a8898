"""What the field mapping has to say before a field or an option changes (PRODUCT §1): the rows that would break."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.fields import dictionary, registry
from crm.fields.registry import Field
from crm.kit.numbers import show_number
from mapping.checking import fields_now, pair_problem
from mapping.rules import Problem
from mapping.services import hold
from mapping.table import Arrow, current


def breaks_by_field(before: Field, after: Field | None) -> list[str]:
    """The rows that use the field, if it goes; else those that it would break by being another."""
    reasons = []
    for arrow, source, target in _pairs(before, after):
        problem = pair_problem(source, arrow.module, target, is_locked=arrow.locked)
        if after is None:
            reasons.append(_row(arrow))
        elif problem and arrow.problem is None:  # a row that is broken already can't break again
            reasons.append(_row(arrow, problem))
    return reasons


def _pairs(before: Field, after: Field | None) -> Iterator[tuple[Arrow, Field | None, Field | None]]:
    """The arrows that touch the field, with their ends as they would be. Nobody can change the table until we are done."""
    hold()
    fields = fields_now()
    for arrow in current().arrows:
        if before.module == "lead" and arrow.source == before.key:
            yield arrow, after, fields[arrow.module].get(arrow.target)
        elif (before.module, before.key) == (arrow.module, arrow.target):
            yield arrow, fields["lead"].get(arrow.source), after


def _row(arrow: Arrow, problem: Problem | None = None) -> str:
    source, module = registry.module("lead").fields.get(arrow.source), registry.module(arrow.module)
    target = module.fields.get(arrow.target)
    words = {
        "row": show_number(arrow.row + 1),
        "source": source.label if source else arrow.source,
        "module": module.label,
        "target": target.label if target else arrow.target,
        "reason": problem,
    }
    if problem:
        return _("Row %(row)s: %(source)s → %(module)s · %(target)s. %(reason)s") % words
    return _("Row %(row)s: %(source)s → %(module)s · %(target)s.") % words


def breaks_by_option(list_key: str, value: str) -> list[str]:
    """The rows into a field of this list from a field of another list that still offers the option."""
    return [
        _row(arrow)
        for arrow, source, target in _between_lists()
        if target.list_key == list_key and value in _offered(source)
    ]


def _offered(field: Field) -> set[str]:
    return {option.value for option in dictionary.options(field.list_key) if not option.retired}


def followers(list_key: str) -> list[str]:
    """The lists of the fields that this list's values go into."""
    return [target.list_key for _arrow, source, target in _between_lists() if source.list_key == list_key]


def _between_lists() -> Iterator[tuple[Arrow, Field, Field]]:
    """The arrows between two picklists that don't share their list."""
    hold()
    fields = fields_now()
    for arrow in current().arrows:
        source, target = fields["lead"].get(arrow.source), fields[arrow.module].get(arrow.target)
        if source and target and source.kind.chooses and target.kind.chooses and source.list_key != target.list_key:
            yield arrow, source, target
