"""What administrators defined, read once per request: the custom fields and the options of every list (two statements)."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import get_language

if TYPE_CHECKING:
    from crm.fields.registry import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a picklist. `value` is what records hold; the labels are what people read."""

    value: str
    label_en: str
    label_fa: str
    colour: str = ""
    retired: bool = False

    @property
    def label(self) -> str:
        return (self.label_fa if get_language() == "fa" else self.label_en) or self.value


COLUMNS = ("value", "label_en", "label_fa", "colour")


@dataclass(slots=True)
class Dictionary:
    custom: dict[str, dict[str, "Field"]] = field(default_factory=dict)
    options: dict[str, list[Option]] = field(default_factory=dict)


_current: ContextVar[Dictionary | None] = ContextVar("dictionary", default=None)


def forget(**_signal: Any) -> None:
    """Read anew at the next question: called when a request begins and when an administrator changed something."""
    _current.set(None)


def _dictionary() -> Dictionary:
    if (known := _current.get()) is None:
        known = Dictionary()
        options = apps.get_model("fields.PicklistOption").objects.order_by("list_key", "position", "pk")
        for key, *columns, retired_at in options.values_list("list_key", *COLUMNS, "retired_at"):
            values = dict(zip(COLUMNS, columns, strict=True))
            known.options.setdefault(key, []).append(Option(**values, retired=retired_at is not None))
        for custom in apps.get_model("fields.CustomField").objects.filter(retired_at=None).order_by("position", "pk"):
            known.custom.setdefault(custom.module, {})[custom.key] = custom.as_field()
        _current.set(known)
    return known


def custom_fields(module: str) -> dict[str, "Field"]:
    """The module's custom fields in use, by key."""
    return _dictionary().custom.get(module, {})


def options(list_key: str) -> list[Option]:
    """The options of a list in their order, retired ones included."""
    return _dictionary().options.get(list_key, [])


def labels(list_key: str) -> dict[str, str]:
    """The labels in the active language by value, retired options included."""
    return {option.value: option.label for option in options(list_key)}
