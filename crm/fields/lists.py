"""Lists of options and the fields that use them."""

from collections.abc import Iterator

from crm.fields import dictionary, registry
from crm.fields.models import CustomField
from crm.fields.picklists import STANDARD
from crm.fields.registry import Field


def is_known(list_key: str) -> bool:
    """Tell whether there is such a list: a standard one, or that of a custom field, retired ones included."""
    if list_key in STANDARD or dictionary.options(list_key):
        return True
    module, _dot, key = list_key.partition(".")
    return CustomField.objects.filter(module=module, key=key, kind__in=("picklist", "multipicklist")).exists()


def fields_of(list_key: str) -> Iterator[Field]:
    """The fields in use that choose from this list, in every module."""
    for module in registry.modules():
        for field in module.fields.values():
            if field.kind.chooses and field.list_key == list_key:
                yield field


def users_of(list_key: str) -> list[Field]:
    """The fields that choose from this list, a retired custom field included: its values may come back."""
    found = list(fields_of(list_key))
    module, _dot, key = list_key.partition(".")
    if not found and key:
        found = [field.as_field() for field in CustomField.objects.filter(module=module, key=key)]
    return found
