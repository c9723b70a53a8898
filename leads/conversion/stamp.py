"""The stamp of a draft: it tells later which of the lead's fields changed since, and whether the mapping did."""

import base64
import binascii
import hashlib
import json
import zlib
from typing import Any

from crm.fields import registry
from leads.conversion.errors import StaleDraft
from leads.models import Lead
from mapping.table import Mapping


def make(lead: Lead, mapping: Mapping) -> str:
    """Give the stamp of the lead's values and the mapping's revision as they are now."""
    payload = json.dumps([mapping.revision, _marks(lead)], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(payload.encode(), 9)).decode().rstrip("=")


def check(stamp: str, lead: Lead, mapping: Mapping) -> None:
    """Raise StaleDraft if the lead's values or the mapping differ from those of the stamp."""
    revision, before = _read(stamp)
    now = _marks(lead)
    changed = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    if changed or revision != mapping.revision:
        raise StaleDraft(lead, changed, mapping_changed=revision != mapping.revision)


def _marks(lead: Lead) -> dict[str, str]:
    """A short mark of each value that a person may change."""
    fields = registry.module("lead").editable()
    values = {field.key: field.kind.wire(field.get(lead)) for field in fields}
    return {key: mark(value) for key, value in values.items() if value not in (None, "", [])}


def marks_of(stamp: str) -> dict[str, str]:
    """The marks of the lead's values by field key, as they were when the stamp was made."""
    return _read(stamp)[1]


def mark(value: Any) -> str:
    """A short mark by which a value, as the API writes it, is known again."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:8]


def _read(stamp: str) -> tuple[int, dict[str, str]]:
    """Read a stamp; one that is none of ours counts as older than everything."""
    try:
        packed = base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4))
        revision, marks = json.loads(zlib.decompressobj().decompress(packed, 65536))
        return int(revision), dict(marks)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, zlib.error):
        return 0, {}
