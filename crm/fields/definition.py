"""What a custom field may be: its type, its sizes, its labels, its default."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from crm.fields import dictionary
from crm.fields.errors import BadDefinition, LabelTaken
from crm.fields.kind import MAX_UNLIMITED, Kind, is_empty
from crm.fields.kinds import CHECKBOX, KINDS, LINK, PERCENT, TEXTAREA, USER
from crm.fields.registry import Field, Module
from crm.kit.fold import fold
from crm.kit.numbers import show_number

CUSTOM_KINDS = tuple(kind for kind in KINDS.values() if kind not in (USER, LINK))
LENGTHS = {"text": 100, "email": 100, "phone": 50, "url": 255}  # what a field gets if nobody says
MAX_LENGTH = 1000
MAX_DIGITS, MAX_PLACES = 25, 10


def check_definition(
    kind: str, *, length: int | None, digits: int | None, places: int | None, required: bool, options: int
) -> dict[str, Any]:
    """The columns `kind`, `length`, `digits`, `places` of a sound definition, with what was left out filled in."""
    found = next((one for one in CUSTOM_KINDS if one.key == kind), None)
    if found is None:
        raise BadDefinition({"kind": [_("There is no type “%(type)s”.") % {"type": kind[:100]}]})
    if required and found is CHECKBOX:
        raise BadDefinition({"required": [_("A checkbox is never empty, so it can't be mandatory.")]})
    if found.chooses and not options:
        raise BadDefinition({"options": [_("Enter at least one option.")]})
    if options and not found.chooses:
        raise BadDefinition({"options": [_("Only picklists have options.")]})
    return {"kind": kind, **_sizes(found, length, digits, places)}


def _sizes(kind: Kind, length: int | None, digits: int | None, places: int | None) -> dict[str, int | None]:
    if kind.size == "length":
        limit = MAX_UNLIMITED if kind is TEXTAREA else MAX_LENGTH
        chosen = LENGTHS.get(kind.key) if length is None else length
        if chosen is not None and not 1 <= chosen <= limit:
            raise BadDefinition({"length": [_("Enter a length from 1 to %(max)s.") % {"max": show_number(limit)}]})
        return {"length": chosen, "digits": None, "places": None}
    if kind.size == "digits":
        usual = (5, 2) if kind is PERCENT else (MAX_DIGITS, 5)
        number = _number(usual[0] if digits is None else digits, usual[1] if places is None else places)
        return {"length": None, **number}
    return {"length": None, "digits": None, "places": None}


def _number(digits: int, places: int) -> dict[str, int | None]:
    if not 1 <= digits <= MAX_DIGITS:
        raise BadDefinition(
            {"digits": [_("Enter a number of digits from 1 to %(max)s.") % {"max": show_number(MAX_DIGITS)}]}
        )
    if not 0 <= places <= min(digits, MAX_PLACES):
        limit = min(digits, MAX_PLACES)
        raise BadDefinition(
            {"places": [_("Enter a number of decimal places from 0 to %(max)s.") % {"max": show_number(limit)}]}
        )
    return {"digits": digits, "places": places}


def check_labels(module: Module, english: str, persian: str, *, but: str = "") -> None:
    """LabelTaken if another field in use (not `but`) reads the same, in either language and whatever the spelling."""
    taken = {word: key for key, words in labels_of(module).items() if key != but for word in words}
    for parameter, label in (("label_en", english), ("label_fa", persian)):
        if fold(label) in taken:
            message = _("There is a field “%(label)s” already. Choose another label.")
            raise LabelTaken({parameter: [message % {"label": label}]})


def labels_of(module: Module) -> dict[str, set[str]]:
    """The folded labels of all fields in use, in both languages, by key."""
    found: dict[str, set[str]] = {}
    for language in ("en", "fa"):
        with translation.override(language):
            for field in module.standard:
                found.setdefault(field.key, set()).add(fold(str(field.label)))
    for key, (english, persian) in dictionary.custom_labels(module.key).items():
        found[key] = {fold(english), fold(persian)}
    return found


def stored_default(field: Field, raw: Any) -> Any:
    """A default as it is stored, from what was typed or sent; BadDefinition if the field couldn't hold it."""
    if is_empty(raw):
        return None
    try:
        value = field.kind.parse(raw, field)
    except ValidationError as error:
        raise BadDefinition({"default": error.messages}) from None
    return None if is_empty(value) else field.kind.store(value)
