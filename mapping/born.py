"""Fields together with the rows that carry their values: born mapped on several modules, and growing together."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.errors import BadDefinition, DictionaryRefused
from crm.fields.models import CustomField
from crm.fields.services import create_field, resize_field
from mapping.services import add_links
from mapping.table import current


def create_everywhere(
    module: str, *, also_on: Collection[str] = (), is_mapped: bool = False, by: Any, **definition: Any
) -> dict[str, CustomField]:
    """Make the field on `module` and on each of `also_on`, all or none, and give them by module.

    With `is_mapped` the lead's field goes into the others on conversion. `definition` is what `create_field` takes; on the other
    modules the field is optional and has no default, so that what arrives there is the lead's. Raises what `create_field` does;
    what is wrong on another module comes under "also_on".
    """
    others = [key for key in dict.fromkeys(also_on) if key != module]
    _check(module, others, is_mapped=is_mapped)
    with transaction.atomic():
        made = {module: create_field(module, by=by, **definition)}
        for key in others:
            made[key] = _create_on(key, {**definition, "required": False, "default": None}, by)
        if is_mapped and others:
            source = made["lead"].key
            add_links([(source, key, field.key) for key, field in made.items() if key != "lead"], by=by)
    return made


def _check(module: str, others: Collection[str], *, is_mapped: bool) -> None:
    known = {one.key for one in registry.modules()}
    if unknown := [key for key in others if key not in known]:
        raise BadDefinition({"also_on": [_("There is no module “%(module)s”.") % {"module": unknown[0][:100]}]})
    if is_mapped and not others:
        raise BadDefinition({"also_on": [_("Name the modules that get the same field, to be mapped.")]})
    if is_mapped and "lead" not in {module, *others}:
        raise BadDefinition({"map": [_("Only a field of leads can be mapped.")]})


def _create_on(module: str, definition: Mapping[str, Any], by: Any) -> CustomField:
    try:
        return create_field(module, by=by, **definition)
    except DictionaryRefused as refusal:
        label = registry.module(module).label
        messages = [_("%(module)s: %(message)s") % {"module": label, "message": text} for text in refusal.messages]
        raise BadDefinition({"also_on": messages}) from None


def resize(field: CustomField, *, by: Any, **size: int | None) -> CustomField:
    """Give a field another size; where a lead's field grows, the custom fields that it goes into grow with it.

    Raises what `resize_field` does: a standard field can't grow, so its row is named.
    """
    with transaction.atomic():
        if field.module == "lead":
            for target in _custom_targets(field):
                resize_field(target, by=by, **_room_for(target, size))
        return resize_field(field, by=by, **size)


def _custom_targets(field: CustomField) -> list[CustomField]:
    arrows = [arrow for arrow in current().arrows if arrow.source == field.key]
    return [
        target
        for arrow in arrows
        if (target := CustomField.objects.filter(module=arrow.module, key=arrow.target, retired_at=None).first())
    ]


def _room_for(target: CustomField, size: Mapping[str, int | None]) -> dict[str, int | None]:
    """The size in which the target holds all that it held and all that a field of this size can hold."""
    if "length" in size:
        lengths = (target.length, size["length"])
        return {"length": None if None in lengths else max(length for length in lengths if length is not None)}
    places = max(target.places or 0, size.get("places") or 0)
    whole = max((one.get("digits") or 0) - (one.get("places") or 0) for one in (size, vars(target)))
    return {"digits": whole + places, "places": places} if "digits" in size else {}
