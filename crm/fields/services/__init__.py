"""Every change of the dictionary: custom fields, settings of all fields, options of lists. Nobody else writes these tables."""

from crm.fields.services.creating import create_field
from crm.fields.services.editing import bring_back_field, edit_field, reorder, resize_field, retire_field, retype_field
from crm.fields.services.options import (
    NewOption,
    add_option,
    bring_back_option,
    rename_option,
    reorder_options,
    retire_option,
)
from crm.fields.services.settings import arrange, set_field

__all__ = [
    "NewOption",
    "add_option",
    "arrange",
    "bring_back_field",
    "bring_back_option",
    "create_field",
    "edit_field",
    "rename_option",
    "reorder",
    "reorder_options",
    "resize_field",
    "retire_field",
    "retire_option",
    "retype_field",
    "set_field",
]
