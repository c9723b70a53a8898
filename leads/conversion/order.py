"""What a user asks for when converting a lead: the same for page, API, bulk job and command line."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Target = Literal["organization", "contact", "opportunity"]
TransferTo = Literal["contact", "organization"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One record to make or, with `existing` (its primary key), to fill. A field that isn't named in `values`, which are parsed
    values by field key, takes the draft's value.

    Of an existing record blank fields are filled; a field that differs keeps what it holds, unless `overwrite` names it (the new
    value replaces the old one) or `append` (text areas, multi-selects: both stay). A contact of another organization is linked
    to this conversion's if `overwrite` names "organization". `seen` is the existing record's `modified_at` as it was shown.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    existing: int | None = None
    overwrite: frozenset[str] = frozenset()
    append: frozenset[str] = frozenset()
    seen: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another open lead that is brought into the same conversion: it becomes a contact of the same organization, and takes part
    in the same opportunity with its `role`. Without `contact` it is of the main lead's person, and fills that contact. It is
    locked and gets a receipt of its own.
    """

    lead: int
    contact: Part | None = field(default_factory=Part)
    role: str = ""
    remedies: Mapping[str, "Remedy"] = field(default_factory=dict)
    stamp: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Remedy: put the value into this field, which is free and fits."""

    module: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A task to be planned on the main record; whoever owns that record does it, unless `assigned_to` names another user."""

    subject: str
    due_at: dt.datetime | None = None
    assigned_to: int | None = None


NOTE = "note"
LEAVE = "leave"
Remedy = Send | Literal["note", "leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which records to make, where the related records go, and what becomes of values that no mapping carries.

    A lost value that `remedies` doesn't name is treated as `otherwise` says; where that says nothing, as the conversion settings
    do. `stamp` is the draft's: it makes the service refuse if the lead
    or the mapping changed since. `key` makes a retry safe: the same key gets the same conversion again; where a
    `digest` of the whole order comes along, only with that same order. `role` is that of the
    lead's contact in the opportunity, `also` what other leads are converted with it, all or none. `message` goes to the new owners
    with their notification.
    """

    parts: Mapping[str, Part]
    transfer_to: str | None = None
    assigned_to: int | None = None
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
    stamp: str | None = None
    key: str = ""
    digest: str = ""
    also: tuple[Also, ...] = ()
    role: str = ""
    otherwise: Literal["note"] | None = None
    follow_up: FollowUp | None = None
    message: str = ""
