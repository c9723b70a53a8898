"""What rooms above have to say before a field or an option changes: the field mapping, and whoever else registers.

Fields are the lowest room and know nobody; whoever rests on a field adds a function here when its app is ready.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.fields.registry import Field

FieldGuard = Callable[["Field", "Field | None"], list[str]]
OptionGuard = Callable[[str, str], list[str]]
Followers = Callable[[str], list[str]]

_fields: list[FieldGuard] = []
_options: list[OptionGuard] = []
_followers: list[Followers] = []


def on_field(guard: FieldGuard) -> FieldGuard:
    """Register a function that names in words what breaks when a field becomes another, or None: it goes."""
    _fields.append(guard)
    return guard


def on_option(guard: OptionGuard) -> OptionGuard:
    """Register a function that names in words what breaks when a list (by key) loses an option (by value)."""
    _options.append(guard)
    return guard


def on_new_option(followers: Followers) -> Followers:
    """Register a function that gives the keys of the lists which must know every option that this list has."""
    _followers.append(followers)
    return followers


def breaks_by_field(before: "Field", after: "Field | None") -> list[str]:
    """What would break, from everybody who registered."""
    return [reason for guard in _fields for reason in guard(before, after)]


def breaks_by_option(list_key: str, value: str) -> list[str]:
    return [reason for guard in _options for reason in guard(list_key, value)]


def followers_of(list_key: str) -> list[str]:
    return sorted({key for followers in _followers for key in followers(list_key)} - {list_key})
