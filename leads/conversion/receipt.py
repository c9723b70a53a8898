"""Writing the conversion row: the receipt, its snapshot of the lead and its digest."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crm.fields import registry
from crm.kit.inserting import insert
from crm.related.models import Comment
from leads.conversion.keeping import Kept
from leads.models import Conversion, Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Everything that the conversion row remembers."""

    lead: Lead
    records: Mapping[str, Any]
    converted_at: dt.datetime
    converted_by: Any
    transfer_to: str
    mapping_revision: int
    snapshot: Mapping[str, Any]
    provenance: Mapping[str, Any]
    kept: Kept
    moved: Mapping[str, int]
    note: Comment | None
    idempotency_key: str
    order_digest: str = ""
    existing: Sequence[str] = ()
    together_with: Conversion | None = None


def snapshot(lead: Lead) -> dict[str, Any]:
    """Every field of the lead as the API writes it, with the custom values as they are stored (invariant I6)."""
    fields = registry.module("lead").standard
    values = {field.key: field.kind.wire(field.get(lead)) for field in fields}
    return {"id": lead.pk, "number": lead.number, **values, "custom": dict(lead.custom)}


def write(receipt: Receipt, previous_digest: str) -> Conversion:
    """Insert the conversion row, with a digest that covers it and names the row before it."""
    (conversion,) = insert([row(receipt, previous_digest)])
    return conversion


def newest_digest() -> QuerySet[Any]:
    """The digest of the newest conversion, which the next one names, to be read with the leads when they are locked."""
    return Conversion.objects.order_by("-pk").values("digest")[:1]


def row(receipt: Receipt, previous_digest: str) -> Conversion:
    """The conversion row as it will be inserted."""
    conversion = Conversion(
        lead=receipt.lead,
        organization=receipt.records.get("organization"),
        contact=receipt.records.get("contact"),
        opportunity=receipt.records.get("opportunity"),
        converted_at=receipt.converted_at,
        converted_by=receipt.converted_by,
        transfer_to=receipt.transfer_to,
        mapping_revision=receipt.mapping_revision,
        snapshot=receipt.snapshot,
        provenance=receipt.provenance,
        kept_in_note=[loss.field.key for loss in receipt.kept.in_note],
        left_behind=[loss.field.key for loss in receipt.kept.left_behind],
        sent_elsewhere=receipt.kept.sent_elsewhere(),
        existing=list(receipt.existing),
        together_with=receipt.together_with,
        moved=dict(receipt.moved),
        note=receipt.note.pk if receipt.note else None,
        idempotency_key=receipt.idempotency_key,
        order_digest=receipt.order_digest,
        previous_digest=previous_digest,
    )
    conversion.digest = digest(conversion)
    return conversion


# Columns that came later, with what they say of the conversions before: a digest of that time knows nothing of them.
LATER: dict[str, Any] = {"existing": [], "together_with_id": None, "order_digest": ""}


def digest(conversion: Conversion) -> str:
    """SHA-256 in hex over everything else that the row holds, but its primary key."""
    columns = [column for column in Conversion._meta.concrete_fields if column.name not in ("id", "digest")]
    values = {column.attname: getattr(conversion, column.attname) for column in columns}
    for name, silent in LATER.items():
        if values[name] == silent:
            del values[name]
    values["converted_at"] = conversion.converted_at.astimezone(dt.UTC).isoformat()
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
