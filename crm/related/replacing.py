"""What history keeps when an option is replaced in many records at once: one line per record, whatever their number in two statements."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crm.fields.registry import Field
from crm.kit.inserting import insert
from crm.related.models import Change, Dossier


def option_replaced(field: Field, records: QuerySet[Any], value: str, replacement: str, by: Any) -> None:
    """Write a line of history for each of the records, which hold the old value still."""
    now, column = timezone.now(), "custom" if field.custom else field.key
    homes = Dossier.objects.filter(is_home=True, **{f"{field.module}__in": records.order_by().values("pk")})
    lines = []
    for dossier, held in homes.values_list("pk", f"{field.module}__{column}"):
        old = held[field.key] if field.custom else held
        changes = {field.key: [old, _replaced(old, value, replacement)]}
        lines.append(Change(dossier_id=dossier, at=now, by_id=by.pk, changes=changes))
    insert(lines)


def _replaced(old: Any, value: str, replacement: str) -> Any:
    if isinstance(old, list):
        return list(dict.fromkeys(replacement if one == value else one for one in old))
    return replacement
