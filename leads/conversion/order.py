"""What a user asks for when converting a lead: the same for page, API, bulk job and command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Target = Literal["organization", "contact", "opportunity"]
TransferTo = Literal["contact", "organization"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One record to make. `values` are parsed values by field key; a field that isn't named takes the draft's value."""

    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Remedy: put the value into this field, which is free and fits."""

    module: str
    field: str


NOTE = "note"
LEAVE = "leave"
Remedy = Send | Literal["note", "leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which records to make, where the related records go, and what becomes of values that no mapping carries.

    A lost value that `remedies` doesn't name is kept in a note. `stamp` is the draft's: it makes the service refuse if the lead
    or the mapping changed since. `key` makes a retry safe: the same key gets the same conversion again.
    """

    parts: Mapping[str, Part]
    transfer_to: str | None = None
    assigned_to: int | None = None
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
    stamp: str | None = None
    key: str = ""
