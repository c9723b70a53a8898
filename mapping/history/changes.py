"""What differs between two tables, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.fields import registry
from mapping.checking import Fields, label
from mapping.rows import Row

Pair = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One arrow that was added or taken away; `text` says which."""

    is_added: bool
    text: str


def pairs(rows: Sequence[Row]) -> list[Pair]:
    """The table's arrows in order: lead field, module, target field."""
    return [(row.lead, module, target) for row in rows for module, target in row.targets().items()]


def changes(before: Sequence[Row], after: Sequence[Row], fields: Fields) -> list[Change]:
    """The arrows that `after` has and `before` has not, then the other way round."""
    return list(_changes(pairs(before), pairs(after), fields))


def _changes(before: list[Pair], after: list[Pair], fields: Fields) -> Iterator[Change]:
    old, new = set(before), set(after)
    for pair in after:
        if pair not in old:
            yield Change(is_added=True, text=_("Added: %(arrow)s") % {"arrow": arrow(pair, fields)})
    for pair in before:
        if pair not in new:
            yield Change(is_added=False, text=_("Removed: %(arrow)s") % {"arrow": arrow(pair, fields)})


def arrow(pair: Pair, fields: Fields) -> str:
    """An arrow in words: City → Contact · Mailing city."""
    lead, module, target = pair
    return _("%(source)s → %(module)s · %(target)s") % {
        "source": label(fields, "lead", lead),
        "module": registry.module(module).label,
        "target": label(fields, module, target),
    }
