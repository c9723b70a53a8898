"""What notifications say: one entry for each kind, named by the room that sends it, worked out in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Params = Mapping[str, Any]
FIRST_ISOLATE, LAST_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind of notification is shown: its icon, its sentence, and what somebody wrote to go with it."""

    icon: str
    sentence: Callable[[Params], str]
    message: Callable[[Params], str] = lambda _params: ""


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def kind(name: str) -> Kind:
    """The kind of this name; one that no room knows any more still says that something happened."""
    return _kinds.get(name) or Kind(icon="bell", sentence=lambda _params: _("Something happened."))


def isolated(text: object) -> str:
    """A name of any language within a sentence of another, for plain text too (UX 10.2)."""
    return f"{FIRST_ISOLATE}{text}{LAST_ISOLATE}"
