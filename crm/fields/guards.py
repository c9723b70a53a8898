"""What rooms above have to say before a field or an option changes: the field mapping, and whoever else registers.

Fields are the lowest room and know nobody; whoever rests on a field registers a module when its app is ready. The module may have:

- `breaks_by_field(before: Field, after: Field | None) -> list[str]`: names in words what breaks when the field becomes another, or goes;
- `breaks_by_option(list_key: str, value: str) -> list[str]`: names what breaks when a list loses an option;
- `keeps_option(list_key: str, value: str) -> list[str]`: says why an option can't go at all, whatever replaces it;
- `option_replaced(field: Field, records, value: str, replacement: str, by) -> None`: is told before the records get another option;
- `held_by_rows(list_key: str) -> Counter[str]`: how often each option of the list stands in rows that are no records;
- `replaced_in_rows(list_key: str, value: str, replacement: str, by) -> int`: puts another option into those rows, and counts them;
- `followers(list_key: str) -> list[str]`: the keys of the lists that must know every option which this list has.
"""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crm.fields.registry import Field

_rooms: list[str] = []


def register(room: str) -> None:
    """Add a module by its dotted name, so that it is not loaded before the models are."""
    _rooms.append(room)


def breaks_by_field(before: "Field", after: "Field | None") -> list[str]:
    """What would break, from everybody who registered."""
    return _ask("breaks_by_field", before, after)


def breaks_by_option(list_key: str, value: str) -> list[str]:
    """What would break if the list lost the option."""
    return _ask("breaks_by_option", list_key, value)


def keeps_option(list_key: str, value: str) -> list[str]:
    """Why the list can't lose the option at all."""
    return _ask("keeps_option", list_key, value)


def option_replaced(field: "Field", records: "QuerySet[Any]", value: str, replacement: str, by: Any) -> None:
    """Tell whoever keeps a history which records are about to get another option."""
    for room in _rooms:
        if told := getattr(import_module(room), "option_replaced", None):
            told(field, records, value, replacement, by)


def held_by_rows(list_key: str) -> Counter[str]:
    """How often each option stands in rows that are no records, such as the roles in opportunities."""
    return sum(_answers("held_by_rows", list_key), Counter())


def replaced_in_rows(list_key: str, value: str, replacement: str, by: Any) -> int:
    """Let those rows get another option; returns how many they were."""
    return sum(_answers("replaced_in_rows", list_key, value, replacement, by))


def followers_of(list_key: str) -> list[str]:
    """The other lists that must know what this one has."""
    return sorted(set(_ask("followers", list_key)) - {list_key})


def _ask(question: str, *about: object) -> list[str]:
    return [text for texts in _answers(question, *about) for text in texts]


def _answers(question: str, *about: object) -> Iterator[Any]:
    answers = (getattr(import_module(room), question, None) for room in _rooms)
    return (answer(*about) for answer in answers if answer)
