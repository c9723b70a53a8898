"""Which records a row may be: the same name with the same e-mail, phone or company."""

from collections.abc import Mapping
from typing import Any

from crm.fields import registry
from crm.kit.fold import fold
from crm.people.models import User
from crm.records.base import national

KNOWN_BY = ("first_name", "last_name", "name", "phone", "mobile", "office_phone", "company", "email")


def known_records(module: registry.Module, *, by: User, but: Any) -> dict[str, int]:
    """The records that `by` may see, but for some, by the keys under which a row is known again."""
    records: Any = module.model._default_manager
    held = [key for key in KNOWN_BY if key in module.fields]
    found = records.visible_to(by).exclude(pk__in=but).order_by("pk")
    known: dict[str, int] = {}
    for pk, *values in found.values_list("pk", *held).iterator(chunk_size=2000):
        known |= dict.fromkeys(keys_of(dict(zip(held, values, strict=True))), pk)
    return known


def keys_of(values: Mapping[str, Any]) -> list[str]:
    """The keys by which a person or company is known again."""
    name = fold(f"{values.get('first_name') or ''} {values.get('last_name') or ''} {values.get('name') or ''}")
    phones = {national(values[key]) for key in ("phone", "mobile", "office_phone") if values.get(key)}
    keys = [f"{name}|{phone}" for phone in sorted(phones) if phone]
    keys += [f"{name}|{fold(values['company'])}"] if values.get("company") else []
    keys += [f"{name}|{fold(values['email'])}"] if values.get("email") else []
    return keys or [f"{name}|"]
