"""A custom field that is born mapped: the same field on other modules, and the rows that carry its value there."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.errors import BadDefinition, DictionaryRefused
from crm.fields.models import CustomField
from crm.fields.services import create_field
from mapping.services import add_links


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
    if is_mapped and others and "lead" not in {module, *others}:
        raise BadDefinition({"map": [_("Only a field of leads can be mapped.")]})


def _create_on(module: str, definition: Mapping[str, Any], by: Any) -> CustomField:
    try:
        return create_field(module, by=by, **definition)
    except DictionaryRefused as refusal:
        label = registry.module(module).label
        messages = [_("%(module)s: %(message)s") % {"module": label, "message": text} for text in refusal.messages]
        raise BadDefinition({"also_on": messages}) from None
