"""Which existing records a lead probably is: organizations, contacts, their open opportunities, and other open leads (PRODUCT §4.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.fields import registry
from crm.kit.fold import fold
from crm.matching.match import Match, Reason
from leads.models import Lead

__all__ = ["Match", "Matches", "Reason", "find", "find_exact", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The likely same records by module, the likeliest first. `hidden` names modules with a match that the user may not see."""

    organization: tuple[Match, ...] = ()
    contact: tuple[Match, ...] = ()
    opportunity: tuple[Match, ...] = ()
    lead: tuple[Match, ...] = ()
    hidden: frozenset[str] = frozenset()

    def of(self, module_key: str) -> tuple[Match, ...]:
        """The matches in one module."""
        found: tuple[Match, ...] = getattr(self, module_key)
        return found

    def best(self, module_key: str) -> Match | None:
        """The likeliest match of a module, if it is a strong one: what "use existing" is preset to."""
        return next((match for match in self.of(module_key) if match.is_strong), None)


def find(lead: Lead, *, by: Any, fuzzy: bool = True) -> Matches:
    """Look for the lead's likely same records, as far as `by` may see them; without `fuzzy` by exact keys only."""
    return find_exact([lead], by=by)[lead.pk]


def find_exact(leads: Sequence[Lead], *, by: Any) -> dict[int, Matches]:
    """Look for the likely same records of many leads by exact keys, in a fixed number of statements; by the lead's primary key."""
    return {lead.pk: Matches(contact=_same_email(lead, by)) for lead in leads}


def _same_email(lead: Lead, by: Any) -> tuple[Match, ...]:
    records: Any = registry.module("contact").model._default_manager
    same = records.visible_to(by).filter(email__iexact=fold(lead.email))[:10] if lead.email else ()
    reasons = (Reason(code="email", text="Same e-mail"),)
    return tuple(Match(record=record, score=90, reasons=reasons, is_strong=True, about="person") for record in same)


def search(module_key: str, text: str, *, by: Any, limit: int = 10) -> list[Any]:
    """The records of a module that the user may see and whose words or number fit what was typed ("find another")."""
    records: Any = registry.module(module_key).model._default_manager
    found = records.visible_to(by).matching(text.replace("\0", "")[:100])
    return list(found.order_by("sort_name", "pk")[:limit]) if text.strip() else []
