"""The options of picklists: add, rename, reorder, retire and bring back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields import dictionary, guards
from crm.fields.errors import BadDefinition, BadLabel, LabelTaken, StillInUse
from crm.fields.lists import fields_of, is_known
from crm.fields.models import CustomField, PicklistOption
from crm.fields.mutex import changing
from crm.fields.naming import tidy_label, tidy_labels
from crm.fields.replacing import replace_everywhere
from crm.fields.rights import require
from crm.kit.fold import fold

COLOURS = ("", "mute", "new", "work", "ok", "bad", "lead", "org", "con", "opp")  # the chips of tables.css
CHANGE = "fields.change_picklistoption"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOption:
    """An option to be added. Without a `value` records hold the English label."""

    value: str = ""
    label_en: str = ""
    label_fa: str = ""
    colour: str = ""

    def words(self) -> dict[str, str]:
        """What people could take for another option, by parameter."""
        return {"label_en": self.label_en, "label_fa": self.label_fa, "value": self.value}

    def tidy(self) -> "NewOption":
        """With labels in both languages and a value; BadLabel if there is nothing to read, BadDefinition for the colour."""
        english, persian = tidy_labels(self.label_en or self.value, self.label_fa)
        value = tidy_label(self.value, parameter="value") or english
        return NewOption(value=value, label_en=english, label_fa=persian, colour=check_colour(self.colour))


def check_colour(colour: str) -> str:
    if colour not in COLOURS:
        raise BadDefinition({"colour": [_("Choose one of the colours.")]})
    return colour


def install_options(field: CustomField, options: Sequence[str | NewOption]) -> None:
    """Give a new custom field its options. Raises BadLabel and LabelTaken under "options"."""
    list_key, rows = field.as_field().list_key, []
    seen: set[str] = set()
    present = {option.value: option for option in PicklistOption.objects.filter(list_key=list_key)}
    for position, given in enumerate(options, start=1):
        option = _tidy(NewOption(value=given) if isinstance(given, str) else given)
        words = {fold(option.value), fold(option.label_en), fold(option.label_fa)}
        if words & seen:
            message = _("The option “%(option)s” is there twice.")
            raise LabelTaken({"options": [message % {"option": option.value}]})
        seen |= words
        row = present.get(option.value) or PicklistOption(list_key=list_key, value=option.value)
        row.label_en, row.label_fa, row.colour = option.label_en, option.label_fa, option.colour
        row.position, row.retired_at = position, None
        rows.append(row)
    PicklistOption.objects.bulk_create([row for row in rows if row.pk is None])
    PicklistOption.objects.bulk_update(
        [row for row in rows if row.value in present], ["label_en", "label_fa", "colour", "position", "retired_at"]
    )
    dictionary.forget()


def _tidy(option: NewOption) -> NewOption:
    try:
        return option.tidy()
    except (BadLabel, BadDefinition) as error:
        raise BadLabel({"options": error.messages}) from None


def add_option(
    list_key: str, *, value: str = "", label_en: str = "", label_fa: str = "", colour: str = "", by: Any
) -> PicklistOption:
    """Add an option at the end of a list, and to every list that must know what this list has (mapped targets).

    One that was retired comes back with the labels that are given. Raises PermissionDenied, BadLabel, LabelTaken, BadDefinition; KeyError for an unknown list.
    """
    require(by, "fields.add_picklistoption")
    if not is_known(list_key):
        raise KeyError(list_key)
    option = NewOption(value=value, label_en=label_en, label_fa=label_fa, colour=colour).tidy()
    with changing():
        _refuse_duplicate(list_key, option.words())
        for follower in guards.followers_of(list_key):
            _make_known(follower, option)
        return _make_known(list_key, option)


def _refuse_duplicate(list_key: str, words: Mapping[str, str], *, but: str = "") -> None:
    """LabelTaken if another option that is offered (not `but`) reads like one of the words, which come by parameter."""
    others = [one for one in dictionary.options(list_key) if not one.retired and one.value != but]
    taken = {fold(word) for one in others for word in (one.value, one.label_en, one.label_fa)}
    for name, text in words.items():
        if fold(text) in taken:
            message = _("The list has “%(option)s” already.")
            raise LabelTaken({name: [message % {"option": text}]})


def _append(list_key: str, option: NewOption) -> PicklistOption:
    last = PicklistOption.objects.filter(list_key=list_key).order_by("-position").values_list("position", flat=True)
    return PicklistOption.objects.create(
        list_key=list_key,
        value=option.value,
        label_en=option.label_en,
        label_fa=option.label_fa,
        colour=option.colour,
        position=(last.first() or 0) + 1,
    )


def _make_known(list_key: str, option: NewOption) -> PicklistOption:
    """Let the list have the option too: as it is, brought back, or added."""
    known = PicklistOption.objects.filter(list_key=list_key, value=option.value).first()
    if known is None:
        return _append(list_key, option)
    if known.retired_at is not None:
        known.label_en, known.label_fa, known.retired_at = option.label_en, option.label_fa, None
        known.save(update_fields=["label_en", "label_fa", "retired_at"])
    return known


def rename_option(
    option: PicklistOption, *, label_en: str, label_fa: str, colour: str | None = None, by: Any
) -> PicklistOption:
    """Give an option other labels, and another colour if one is named. What records hold stays."""
    require(by, CHANGE)
    english, persian = tidy_labels(label_en, label_fa)
    with changing():
        fresh = _fresh(option)
        wanted = {"label_en": english, "label_fa": persian}
        changed = {name: text for name, text in wanted.items() if text != getattr(fresh, name)}
        _refuse_duplicate(fresh.list_key, changed, but=fresh.value)
        fresh.label_en, fresh.label_fa = english, persian
        fresh.colour = fresh.colour if colour is None else check_colour(colour)
        fresh.save(update_fields=["label_en", "label_fa", "colour"])
    return fresh


def reorder_options(list_key: str, values: Sequence[str], *, by: Any) -> None:
    """Put the options of a list into this order; those that are not named come after them."""
    require(by, CHANGE)
    with changing():
        options = {option.value: option for option in PicklistOption.objects.filter(list_key=list_key)}
        order = [value for value in dict.fromkeys(values) if value in options]
        order += [value for value in options if value not in order]
        for position, value in enumerate(order, start=1):
            options[value].position = position
        PicklistOption.objects.bulk_update(options.values(), ["position"])


def retire_option(option: PicklistOption, *, replacement: str | None = None, by: Any) -> int:
    """Offer an option no more. Records that hold it get the `replacement`, if one is named, else keep it; returns how many changed.

    Converted leads keep what they had. Raises StillInUse with the mapping rows that need the option, or where it is the last one
    or a default without a replacement.
    """
    require(by, "fields.delete_picklistoption")
    with changing():
        fresh = _fresh(option)
        if fresh.retired_at is not None and replacement is None:
            return 0
        _refuse_breaking(fresh, replacement)
        fresh.retired_at = fresh.retired_at or timezone.now()
        fresh.save(update_fields=["retired_at"])
        return replace_everywhere(fresh.list_key, fresh.value, replacement, by=by) if replacement is not None else 0


def _refuse_breaking(option: PicklistOption, replacement: str | None) -> None:
    label = next(one.label for one in dictionary.options(option.list_key) if one.value == option.value)
    left = {one.value for one in dictionary.options(option.list_key) if not one.retired} - {option.value}
    if replacement is not None and replacement not in left:
        raise BadDefinition({"replacement": [_("Choose another option of this list.")]})
    if reasons := guards.keeps_option(option.list_key, option.value):
        raise StillInUse(_("“%(option)s” can't be retired.") % {"option": label}, reasons)
    if reasons := guards.breaks_by_option(option.list_key, option.value):
        message = _("“%(option)s” is needed by the mapping. Retire it in the lead's list first, or remove the mapping.")
        raise StillInUse(message % {"option": label}, reasons)
    if not left:
        raise StillInUse(_("“%(option)s” is the last option of its list.") % {"option": label}, [])
    defaults = [field for field in fields_of(option.list_key) if option.value in _as_list(field.default)]
    if defaults and replacement is None:
        reasons = [_("Default value of %(field)s") % {"field": field.label} for field in defaults]
        raise StillInUse(_("“%(option)s” is a default value. Choose a replacement.") % {"option": label}, reasons)


def _as_list(default: Any) -> list[Any]:
    return default if isinstance(default, list) else [default]


def bring_back_option(option: PicklistOption, *, by: Any) -> PicklistOption:
    """Offer a retired option again, in the lists that follow this one too."""
    require(by, CHANGE)
    with changing():
        fresh = _fresh(option)
        known = NewOption(value=fresh.value, label_en=fresh.label_en, label_fa=fresh.label_fa, colour=fresh.colour)
        _refuse_duplicate(fresh.list_key, {"label_en": fresh.label_en}, but=fresh.value)
        for follower in guards.followers_of(fresh.list_key):
            _make_known(follower, known)
        return _make_known(fresh.list_key, known)


def _fresh(option: PicklistOption) -> PicklistOption:
    return PicklistOption.objects.select_for_update().get(pk=option.pk)
