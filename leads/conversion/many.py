"""Any number of leads with one wish: which of them look like a record that is there, and what is done about it.

What makes new records only goes through `bulk`, a thousand at a time; what fills a record that is there goes through the service.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, OperationalError
from django.utils.translation import gettext as _

from crm.kit.fold import fold, sort_key
from leads.conversion.bulk import (
    CONVERTED,
    EARLIER,
    REFUSED,
    UNDECIDED,
    Mark,
    Outcome,
    convert_chunk,
    examine_chunk,
)
from leads.conversion.errors import AlreadyConverted, ConversionRefused, StaleExisting
from leads.conversion.matching import Matches, find_exact
from leads.conversion.order import Order, Part
from leads.conversion.reasons import reason
from leads.conversion.scheme import Scheme
from leads.conversion.service import convert
from leads.models import Conversion, Lead

CREATE, USE_BEST, SKIP = "create", "use_best", "skip"
ON_MATCH = (CREATE, USE_BEST, SKIP)
MATCHED = ("organization", "contact")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody decided for one lead. `existing`: primary keys of records to fill, by module; `parts`: what to make or fill."""

    existing: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    transfer_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wished for all leads alike. Without `parts` each lead becomes what it usually does; `transfer_to` is followed where
    that record is made. `on_match`: make new records all the same, fill the strong match, or leave the lead to a person. `otherwise`: see Order.
    """

    parts: tuple[str, ...] = ()
    transfer_to: str | None = None
    on_match: str = CREATE
    otherwise: Literal["note"] | None = None
    key: str = ""
    choices: Mapping[int, Choice] = field(default_factory=dict)

    def order(self, lead: Lead, existing: Mapping[str, int], usual: Sequence[str]) -> Order:
        """The order for one lead, as the service takes it; `usual` are the parts that the lead has from the start."""
        choice = self.choices.get(lead.pk, Choice())
        parts = choice.parts or self.parts or usual
        transfer_to = choice.transfer_to or self.transfer_to
        return Order(
            parts={key: Part(existing=existing.get(key)) for key in parts},
            transfer_to=transfer_to if transfer_to in parts or parts is self.parts else None,
            otherwise=self.otherwise,
            key=self.key,
        )


def convert_many(
    pks: Sequence[int], wish: Wish, *, by: Any, mark: Mark = lambda _outcomes: None, scheme: Scheme | None = None
) -> list[Outcome]:
    """Convert up to a chunk of leads in the name of `by`. `mark` is told of each outcome as soon as it is certain."""
    run = _Run(wish=wish, by=by, mark=mark, scheme=scheme or Scheme.read(by))
    run.convert(list(pks))
    return run.outcomes


def examine_many(pks: Sequence[int], wish: Wish, *, by: Any, scheme: Scheme | None = None) -> list[Outcome]:
    """Say what `convert_many` would say, as far as that can be known; nothing is written."""
    scheme = scheme or Scheme.read(by)
    undecided = _sort_out(pks, wish, by, scheme).undecided

    def order(lead: Lead) -> Order:
        return wish.order(lead, {}, scheme.usual_parts(lead))

    checked = examine_chunk(pks, order, by=by, scheme=scheme)
    return [
        Outcome(lead=one.lead, result=UNDECIDED, reason=undecided[one.lead])
        if one.result == CONVERTED and one.lead in undecided
        else one
        for one in checked
    ]


@dataclass(slots=True, kw_only=True)
class _Sorted:
    """Leads by what has to be done with them: fill these records, wait for another lead of the same company, ask a person."""

    existing: dict[int, dict[str, int]] = field(default_factory=dict)
    later: list[int] = field(default_factory=list)
    undecided: dict[int, str] = field(default_factory=dict)


def _undecided(found: _Sorted) -> list[Outcome]:
    return [Outcome(lead=pk, result=UNDECIDED, reason=text) for pk, text in found.undecided.items()]


def _sort_out(pks: Sequence[int], wish: Wish, by: Any, scheme: Scheme) -> _Sorted:
    """Look for matches where the wish depends on them, in a fixed number of statements."""
    chosen = ((pk, wish.choices[pk].existing) for pk in pks if pk in wish.choices)
    found = _Sorted(existing={pk: dict(existing) for pk, existing in chosen if existing})
    if wish.on_match == CREATE:
        return found
    open_to_match = [pk for pk in pks if pk not in wish.choices]
    leads = list(Lead.objects.visible_to(by).filter(pk__in=open_to_match).order_by("pk"))
    matches = find_exact(leads, by=by)
    made = _made_by(wish.key, leads, by) if wish.on_match == USE_BEST else {}
    seen: set[str] = set()
    for lead in leads:
        parts = wish.parts or scheme.usual_parts(lead)
        text = _doubt(matches[lead.pk], wish, parts)
        existing = _best(matches[lead.pk], lead, parts, made) if wish.on_match == USE_BEST and not text else {}
        if text:
            found.undecided[lead.pk] = text
        elif existing:
            found.existing[lead.pk] = existing
        elif seen.isdisjoint(marks := _marks(lead)):
            seen |= marks
        elif wish.on_match == USE_BEST:
            found.later.append(lead.pk)
        else:
            found.undecided[lead.pk] = _("Another of these leads is of the same company or person.")
    return found


def _doubt(matches: Matches, wish: Wish, parts: Sequence[str]) -> str:
    """Why a person has to look at this lead first, if one has to."""
    hidden = matches.hidden & set(parts)
    if wish.on_match == USE_BEST:
        hidden = frozenset(key for key in hidden if matches.best(key) is None)
    if hidden:
        return _("A similar record exists that you may not see. Ask an administrator or convert this lead on its page.")
    names = [str(match.record) for key in MATCHED if key in parts for match in matches.of(key)[:1]]
    if wish.on_match == SKIP and names:
        return _("Looks like %(records)s.") % {"records": _(", ").join(names)}
    return ""


def _best(matches: Matches, lead: Lead, parts: Sequence[str], made: Mapping[str, int]) -> dict[str, int]:
    """The records to fill: the strong matches, else the organization that this same work made of a lead of that company."""
    best = {key: match.record.pk for key in MATCHED if key in parts and (match := matches.best(key))}
    company = fold(lead.company)
    if company in made and "organization" in parts and "organization" not in best:
        best["organization"] = made[company]
    return best


def _marks(lead: Lead) -> set[str]:
    """By what two leads of the same work are known to be of one company or person."""
    return {f"{kind}:{text}" for kind, text in (("c", fold(lead.company)), ("e", fold(lead.email))) if text}


def _made_by(key: str, leads: Sequence[Lead], by: Any) -> dict[str, int]:
    """The organizations that this work made of leads of the same companies, by folded name."""
    names = {sort_key(lead.company) for lead in leads if lead.company}
    if not key or not names:
        return {}
    made = Conversion.objects.filter(idempotency_key=key, converted_by=by.pk, organization__sort_name__in=names)
    return {fold(name): pk for name, pk in made.order_by("-pk").values_list("organization__name", "organization_id")}


@dataclass(slots=True, kw_only=True)
class _Run:
    wish: Wish
    by: Any
    mark: Mark
    scheme: Scheme
    outcomes: list[Outcome] = field(default_factory=list)

    def convert(self, pks: list[int]) -> None:
        found = _sort_out(pks, self.wish, self.by, self.scheme)
        self._tell(_undecided(found))
        apart = {*found.existing, *found.later, *found.undecided}
        self._together([pk for pk in pks if pk not in apart])
        for pk, existing in found.existing.items():
            self._alone(pk, existing)
        for pk in found.later:
            self._again(pk)

    def _together(self, pks: list[int]) -> None:
        """A chunk in one transaction; if the database refuses it, its leads are tried one by one."""
        if not pks:
            return
        try:
            outcomes = convert_chunk(
                pks, lambda lead: self._order(lead, {}), by=self.by, mark=self.mark, scheme=self.scheme
            )
        except (DatabaseError, AlreadyConverted):
            logger.exception("A chunk of %s leads is tried one by one", len(pks))
            for pk in pks:
                self._alone(pk, {})
        else:
            self.outcomes += outcomes

    def _order(self, lead: Lead, existing: Mapping[str, int]) -> Order:
        return self.wish.order(lead, existing, self.scheme.usual_parts(lead))

    def _alone(self, pk: int, existing: Mapping[str, int]) -> None:
        lead = Lead.everything.filter(pk=pk).first() or Lead(pk=pk)
        self._tell([self._one(lead, existing)])

    def _one(self, lead: Lead, existing: Mapping[str, int]) -> Outcome:
        try:
            convert(lead.pk, self._order(lead, existing), by=self.by)
        except AlreadyConverted as refusal:
            return Outcome(lead=lead.pk, result=EARLIER, reason=reason(refusal))
        except StaleExisting as refusal:
            return Outcome(lead=lead.pk, result=UNDECIDED, reason=reason(refusal))
        except (ConversionRefused, PermissionDenied) as refusal:
            return Outcome(lead=lead.pk, result=REFUSED, reason=reason(refusal))
        except OperationalError:
            raise  # the database is away or busy: that says nothing about the lead
        except DatabaseError:
            logger.exception("Lead %s could not be converted", lead.pk)
            return Outcome(
                lead=lead.pk, result=REFUSED, reason=_("Something went wrong on our side. Nothing was saved.")
            )
        return Outcome(lead=lead.pk, result=CONVERTED)

    def _again(self, pk: int) -> None:
        """A lead that waited for another of the same company: now that one's records are there to be found."""
        found = _sort_out([pk], self.wish, self.by, self.scheme)
        if found.undecided:
            self._tell(_undecided(found))
        else:
            self._alone(pk, found.existing.get(pk, {}))

    def _tell(self, outcomes: list[Outcome]) -> None:
        if outcomes:
            self.mark(outcomes)
            self.outcomes += outcomes
