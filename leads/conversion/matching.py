"""Which existing records a lead probably is: organizations, contacts, their open opportunities, and other open leads (PRODUCT §4.6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.matching import engine
from crm.matching.engine import Alike
from crm.matching.match import Match, Reason
from crm.people.seen import Seen
from crm.records.models import Opportunity
from leads.models import Lead

__all__ = ["Match", "Matches", "Reason", "find", "find_exact", "search"]

CLOSED = ("Closed Won", "Closed Lost")


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
    return _matches({lead.pk: engine.find(lead, by=by, fuzzy=fuzzy)}, by)[lead.pk]


def find_exact(leads: Sequence[Lead], *, by: Any) -> dict[int, Matches]:
    """Look for the likely same records of many leads by exact keys, in a fixed number of statements; by the lead's primary key."""
    return _matches(engine.find_all(leads, by=by), by)


def _matches(alike: dict[int, Alike], by: Any) -> dict[int, Matches]:
    opportunities = _opportunities(alike, by)
    return {
        pk: Matches(
            organization=one.matches.get("organization", ()),
            contact=one.matches.get("contact", ()),
            opportunity=_deals(one, opportunities),
            lead=one.matches.get("lead", ()),
            hidden=one.hidden,
        )
        for pk, one in alike.items()
    }


def _opportunities(alike: dict[int, Alike], by: Any) -> list[Opportunity]:
    """The open opportunities of everything that was matched, in one statement."""
    organizations, contacts = (
        {match.record.pk for one in alike.values() for match in one.matches.get(key, ())}
        for key in ("organization", "contact")
    )
    if not organizations and not contacts:
        return []
    return _DEALS.records(Opportunity, by, organizations, contacts)


def _open_deals(visible: QuerySet[Any], organizations: Collection[Any], contacts: Collection[Any]) -> QuerySet[Any]:
    of_any = Q(organization__pk__in=organizations) | Q(contact__pk__in=contacts)
    deals = visible.filter(of_any).exclude(sales_stage__in=CLOSED)
    return deals.select_related("assigned_to").order_by("closing_date", "pk")


_DEALS = Seen(_open_deals)


def _deals(alike: Alike, opportunities: list[Opportunity]) -> tuple[Match, ...]:
    """The open opportunities of one lead's matches, as sure as the match they belong to."""
    owners = {
        (key, match.record.pk): match for key in ("contact", "organization") for match in alike.matches.get(key, ())
    }
    found = []
    for opportunity in opportunities:
        ends = (("organization", opportunity.organization_id), ("contact", opportunity.contact_id))
        owner = max((owners[end] for end in ends if end in owners), key=lambda match: match.score, default=None)
        if owner:
            text = _("Opportunity of %(name)s") % {"name": owner.record.title}
            reason = Reason(code=owner.record.module.key, text=text)
            found.append(
                Match(
                    record=opportunity,
                    score=owner.score,
                    reasons=(reason,),
                    is_strong=owner.is_strong,
                    about=owner.about,
                )
            )
    return tuple(sorted(found, key=lambda match: -match.score))


def search(module_key: str, text: str, *, by: Any, limit: int = 10) -> list[Any]:
    """The records of a module that the user may see and whose words or number fit what was typed ("find another")."""
    records: Any = registry.module(module_key).model._default_manager
    found = records.visible_to(by).matching(text.replace("\0", "")[:100])
    return list(found.order_by("sort_name", "pk")[:limit]) if text.strip() else []
