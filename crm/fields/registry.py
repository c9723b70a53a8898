"""The dictionary of modules and their fields: the one source for forms, pages, mapping, import, export and API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.fields import dictionary
from crm.fields.kind import Kind, is_empty
from crm.fields.kinds import LINK, USER

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a module, standard or custom. Sizes: characters for texts; digits in all and decimal places for numbers."""

    key: str
    label: Text
    kind: Kind
    length: int | None = None
    digits: int | None = None
    places: int | None = None
    required: bool = False
    is_fixed: bool = False  # mandatory for ever: what a record can't be without
    in_quick_create: bool = False
    read_only: bool = False
    default: Any = None
    help: Text = ""
    block: str = "details"
    picklist: str = ""  # the key of the shared list of options
    to: str = ""  # the module that a link points at
    custom: bool = False
    module: str = ""
    column: str = dataclass_field(init=False)  # the attribute of the record that holds it

    def __post_init__(self) -> None:
        is_reference = self.kind is LINK or self.kind is USER
        object.__setattr__(self, "column", f"{self.key}_id" if is_reference else self.key)

    @property
    def list_key(self) -> str:
        """The key of the list of options; a custom field has one of its own."""
        return self.picklist or f"{self.module}.{self.key}"

    @property
    def relations(self) -> tuple[str, ...]:
        """What to read along with a record to show the field: what it points at, and whose that is."""
        if self.kind is not LINK and self.kind is not USER:
            return ()
        return (self.key, f"{self.key}__assigned_to") if self.to in _modules else (self.key,)

    def get(self, record: Any) -> Any:
        """Read the value from a record; a link gives the other's primary key."""
        if self.custom:
            return self.kind.load(record.custom.get(self.key))
        return getattr(record, self.column)

    def set(self, record: Any, value: Any) -> None:
        """Put the value into a record that is then saved by a service."""
        if not self.custom:
            setattr(record, self.column, value)
        elif is_empty(value):
            record.custom.pop(self.key, None)
        else:
            record.custom[self.key] = self.kind.store(value)

    def show(self, value: Any) -> str:
        """Give the value as a person reads it."""
        return self.kind.show(value, self)

    def size(self) -> str:
        """Give the size as it is written behind the type: "100", "25,5" or nothing."""
        if self.kind.size == "digits":
            return f"{self.digits},{self.places}"
        return str(self.length) if self.length and not self.kind.chooses else ""


@dataclass(frozen=True, kw_only=True)
class Module:
    """A kind of record with its fields. `slug` is its place in URLs, `colour` its object colour, `prefix` its number's beginning."""

    key: str
    slug: str
    label: Text
    label_plural: Text
    new_label: Text
    model_name: str
    icon: str
    colour: str
    prefix: str
    standard: tuple[Field, ...]
    key_fields: tuple[str, ...]
    columns: tuple[str, ...]
    blocks: Mapping[str, Text]
    status_field: str = ""
    extra: Mapping[str, Any] = dataclass_field(default_factory=dict)

    @cached_property
    def model(self) -> type[Model]:
        return apps.get_model(self.model_name)

    @cached_property
    def _standard(self) -> dict[str, Field]:
        return {field.key: field for field in self.standard}

    @property
    def fields(self) -> dict[str, Field]:
        """All fields in use, standard and custom, as administrators set and ordered them."""
        return dictionary.arranged(self.key, self._standard)

    def read(self, record: Any) -> dict[str, Any]:
        """All values of a record by field key, as `Field.get` gives them, several times faster than one by one."""
        return dictionary.worked_out(("read", self.key), self._reader)(record)

    def _reader(self) -> Callable[[Any], dict[str, Any]]:
        fields = self.fields.values()
        standard = {field.key: field.column for field in fields if not field.custom}
        custom = [field for field in fields if field.custom]
        columns = attrgetter(*standard.values())

        def read(record: Any) -> dict[str, Any]:
            return dict(zip(standard, columns(record), strict=True))

        def read_all(record: Any) -> dict[str, Any]:
            values = {**read(record), **{field.key: field.get(record) for field in custom}}
            return {field.key: values[field.key] for field in fields}

        return read_all if custom else read

    def editable(self) -> tuple[Field, ...]:
        """The fields that people fill in."""
        return dictionary.worked_out(
            ("editable", self.key), lambda: tuple(field for field in self.fields.values() if not field.read_only)
        )

    def open_blocks(self) -> dict[str, Text]:
        """The blocks that fields may be put into: those of the module's own fields, and the custom one."""
        used = {field.block for field in self.standard if not field.read_only} | {"custom"}
        return {key: label for key, label in self.blocks.items() if key in used}

    def permission(self, action: str) -> str:
        """The Django permission for view, add, change, delete … of this module's records."""
        app, model = self.model_name.split(".")
        return f"{app}.{action}_{model.lower()}"

    def parse(self, raw: Mapping[str, object]) -> dict[str, Any]:
        """Parse sent values by field key; unknown keys and bad values are collected in one ValidationError by key."""
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        fields = self.fields
        for key, sent in raw.items():
            try:
                values[key] = fields[key].kind.parse(sent, fields[key])
            except KeyError:
                errors[key] = [str(unknown_field(key))]
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return values


def unknown_field(key: str) -> str:
    return _("There is no field “%(key)s”.") % {"key": key}


_modules: dict[str, Module] = {}
_keys: dict[str, str] = {}  # by the model's label


def register(module: Module) -> Module:
    """Add a module; called once, when its app is ready."""
    quick = module.extra.get("quick", ())
    owned = tuple(
        replace(
            field,
            module=module.key,
            is_fixed=field.required,
            in_quick_create=field.required or field.key in quick,
        )
        for field in module.standard
    )
    _modules[module.key] = replace(module, standard=owned)
    _keys[module.model_name] = module.key
    return _modules[module.key]


def extend(key: str, **extra: Any) -> None:
    """Give a module what a room above wants to show with it: dotted paths and templates, as in `Module.extra`."""
    _modules[key] = replace(_modules[key], extra={**_modules[key].extra, **extra})


def modules() -> list[Module]:
    """All modules in the order in which the sidebar shows them."""
    return sorted(_modules.values(), key=lambda module: module.extra.get("order", 0))


def module(key: str) -> Module:
    """The module with this key ("lead"); KeyError if there is none."""
    return _modules[key]


def module_of(record: Any) -> Module:
    """The module that a record, queryset model or instance belongs to."""
    return _modules[_keys[record._meta.label]]
