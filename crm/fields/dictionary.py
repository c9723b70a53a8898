"""What administrators defined, read once per request, in two statements: the options of every list, and the custom
fields together with what was set for any field. What follows from it is kept until something else is read."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import QuerySet, Value
from django.utils.translation import get_language

from crm.kit.prepared import Prepared, Row

if TYPE_CHECKING:
    from crm.fields.registry import Field

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What was decided about a field; None and "" say nothing."""

    required: bool | None
    default: Any
    in_quick_create: bool | None
    block: str
    position: int | None


SETTING = ("required", "default", "in_quick_create", "block", "position")
TEXTS, SIZES = ("kind", "label_en", "label_fa", "help_en", "help_fa"), ("length", "digits", "places")
DEFINITION = ("id", "module", "key", *TEXTS, *SIZES, *SETTING)
COLUMNS = ("value", "label_en", "label_fa", "colour")


@dataclass(slots=True)
class Dictionary:
    custom: dict[str, dict[str, "Field"]] = field(default_factory=dict)
    labels: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)  # of custom fields, in both languages
    settings: dict[str, dict[str, Setting]] = field(default_factory=dict)
    arranged: dict[str, dict[str, "Field"]] = field(default_factory=dict)  # worked out when it is asked for
    options: dict[str, list[Option]] = field(default_factory=dict)
    worked_out: dict[Hashable, Any] = field(default_factory=dict)  # what others derive from it


_current: ContextVar[Dictionary | None] = ContextVar("dictionary", default=None)
# What was read last, and what was made of it: always both at once.
_newest: list[tuple[tuple[Sequence[Row], Sequence[Row]] | None, Dictionary]] = [(None, Dictionary())]


def forget(**_signal: Any) -> None:
    """Read anew at the next question: called when a request begins and when an administrator changed something."""
    _current.set(None)


def _dictionary() -> Dictionary:
    if (known := _current.get()) is None:
        read = (_OPTIONS.rows(), _DEFINITIONS.rows())
        was_read, known = _newest[0]
        if read != was_read:  # else what followed from it follows still
            known = _put_together(*read)
            _newest[0] = (read, known)
        _current.set(known)
    return known


def _put_together(options: Sequence[Row], definitions: Sequence[Row]) -> Dictionary:
    known = Dictionary()
    for key, *columns, retired_at in options:
        values = dict(zip(COLUMNS, columns, strict=True))
        known.options.setdefault(key, []).append(Option(**values, retired=retired_at is not None))
    for row in definitions:
        definition = dict(zip(DEFINITION, row, strict=True))
        if definition["kind"]:
            _add_custom(known, definition)
        else:
            setting = Setting(**{name: definition[name] for name in SETTING})
            known.settings.setdefault(definition["module"], {})[definition["key"]] = setting
    return known


def _options() -> QuerySet[Any, Any]:
    options = apps.get_model("fields.PicklistOption").objects.order_by("list_key", "position", "pk")
    return options.values_list("list_key", *COLUMNS, "retired_at")


def _definitions() -> QuerySet[Any, Any]:
    """The custom fields in use, and the settings: those have no kind."""
    custom = apps.get_model("fields.CustomField").objects.filter(retired_at=None).annotate(block=Value(""))
    nothing = {name: Value("", models.CharField()) for name in TEXTS}
    nothing |= {name: Value(None, models.IntegerField()) for name in SIZES}
    settings = apps.get_model("fields.FieldSetting").objects.annotate(**nothing)
    both = custom.order_by().values_list(*DEFINITION).union(settings.values_list(*DEFINITION), all=True)
    return both.order_by("position", "id")


_OPTIONS, _DEFINITIONS = Prepared(_options), Prepared(_definitions)


def _add_custom(known: Dictionary, definition: dict[str, Any]) -> None:
    module, key = definition["module"], definition["key"]
    columns = {name: value for name, value in definition.items() if name != "block"}
    known.custom.setdefault(module, {})[key] = apps.get_model("fields.CustomField")(**columns).as_field()
    known.labels.setdefault(module, {})[key] = (definition["label_en"], definition["label_fa"])


def custom_labels(module: str) -> dict[str, tuple[str, str]]:
    """The English and Persian labels of the module's custom fields in use, by key."""
    return _dictionary().labels.get(module, {})


def arranged(module: str, standard: dict[str, "Field"]) -> dict[str, "Field"]:
    """The module's fields in use as administrators set and ordered them, by key: the standard ones, then the custom ones."""
    known = _dictionary()
    if module not in known.arranged:
        known.arranged[module] = _arrange({**standard, **known.custom.get(module, {})}, known.settings.get(module, {}))
    return known.arranged[module]


def _arrange(fields: dict[str, "Field"], settings: dict[str, Setting]) -> dict[str, "Field"]:
    if not settings:
        return fields
    applied = {key: _apply(field, settings[key]) if key in settings else field for key, field in fields.items()}
    places = {key: setting.position for key, setting in settings.items() if setting.position is not None}
    return dict(sorted(applied.items(), key=lambda entry: places.get(entry[0], len(places) + 1))) if places else applied


def _apply(field: "Field", setting: Setting) -> "Field":
    """The field as it was set; one that must stay mandatory does, whatever the row says."""
    block = setting.block or field.block
    if field.custom:
        return replace(field, block=block)
    required = field.required if setting.required is None or field.is_fixed else setting.required
    in_quick_create = field.in_quick_create if setting.in_quick_create is None else setting.in_quick_create
    default = field.default if setting.default is None else field.kind.load(setting.default)
    return replace(field, block=block, required=required, default=default, in_quick_create=in_quick_create or required)


def worked_out(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` derives from the dictionary, kept as long as the dictionary itself."""
    kept = _dictionary().worked_out
    if key not in kept:
        kept[key] = make()
    found: T = kept[key]
    return found


def options(list_key: str) -> list[Option]:
    """The options of a list in their order, retired ones included."""
    return _dictionary().options.get(list_key, [])


def labels(list_key: str) -> Mapping[str, str]:
    """The labels in the active language by value, retired options included."""
    return worked_out(
        ("labels", list_key, get_language()),
        lambda: {option.value: option.label for option in options(list_key)},
    )


def colour(list_key: str, value: str) -> str:
    """The colour that an administrator gave to an option, or ""."""
    return next((option.colour for option in options(list_key) if option.value == value), "")
