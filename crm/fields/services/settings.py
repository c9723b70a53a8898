"""What administrators decide about every field, standard or custom: mandatory, default, quick create, block and order."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.definition import stored_default
from crm.fields.errors import BadDefinition, NotAllowed
from crm.fields.kinds import CHECKBOX, LINK, USER
from crm.fields.models import CustomField, FieldSetting
from crm.fields.mutex import changing
from crm.fields.registry import Field
from crm.fields.rights import require
from crm.fields.services.editing import edit_field

CHANGE = "fields.change_customfield"
SETTINGS = ("required", "default", "in_quick_create")


def set_field(module: str, key: str, *, by: Any, **settings: Any) -> Field:
    """Set `required`, `default` or `in_quick_create` of a field; what isn't named stays. Returns the field as it is then.

    Raises NotAllowed where a field must stay mandatory, BadDefinition, PermissionDenied; KeyError for an unknown field.
    """
    require(by, CHANGE)
    if unknown := set(settings) - set(SETTINGS):
        raise TypeError(f"set_field() can't set {', '.join(sorted(unknown))}")
    with changing():
        field = registry.module(module).fields[key]
        if field.custom:
            edit_field(CustomField.objects.get(module=module, key=key), by=by, **settings)
        else:
            _set_standard(field, settings)
    return registry.module(module).fields[key]


def _set_standard(field: Field, settings: Mapping[str, Any]) -> None:
    if field.read_only:
        raise NotAllowed({"": [_("%(field)s is kept by the system.") % {"field": field.label}]})
    values = dict(settings)
    if "required" in values:
        _check_required(field, is_required=values["required"])
    if "default" in values:
        if field.kind in (LINK, USER) and values["default"] not in (None, ""):
            raise BadDefinition({"default": [_("This field can't have a default value.")]})
        values["default"] = stored_default(field, values["default"])
    FieldSetting.objects.update_or_create(module=field.module, key=field.key, defaults=values)


def _check_required(field: Field, *, is_required: bool) -> None:
    if field.is_fixed and not is_required:
        raise NotAllowed({"required": [_("%(field)s is always mandatory.") % {"field": field.label}]})
    if field.kind is CHECKBOX and is_required:
        raise BadDefinition({"required": [_("A checkbox is never empty, so it can't be mandatory.")]})


def arrange(module: str, blocks: Mapping[str, Sequence[str]], *, by: Any) -> None:
    """Put the fields of a module into blocks, in this order; fields that are not named keep their block and come last.

    `blocks`: the keys of fields by the key of their block. Raises BadDefinition for a block or field that isn't there.
    """
    require(by, CHANGE)
    known = registry.module(module)
    with changing():
        fields = {field.key: field for field in known.editable()}
        places = {key: block for block, keys in blocks.items() for key in keys}
        _check_places(known, fields, places)
        settings = {setting.key: setting for setting in FieldSetting.objects.filter(module=module)}
        order = [*places, *(key for key in fields if key not in places)]
        rows = [settings.get(key) or FieldSetting(module=module, key=key) for key in order]
        for position, row in enumerate(rows, start=1):
            row.position, row.block = position, places.get(row.key, fields[row.key].block)
        FieldSetting.objects.bulk_create([row for row in rows if row.pk is None])
        FieldSetting.objects.bulk_update([row for row in rows if row.key in settings], ["position", "block"])


def _check_places(module: registry.Module, fields: Mapping[str, Field], places: Mapping[str, str]) -> None:
    if wrong := [key for key in places if key not in fields]:
        raise BadDefinition({"": [registry.unknown_field(wrong[0])]})
    if set(places.values()) - set(module.open_blocks()):
        raise BadDefinition({"": [_("There is no such block.")]})
