"""The records and leads that the conversion page offers, with what helps to tell them apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.fields import registry
from crm.kit.numbers import show_number
from leads.conversion import stamp
from leads.conversion.forms import SAME, ConvertForm
from leads.conversion.matching import CLOSED
from leads.conversion.picks import Picks
from leads.models import Lead
from mapping.rows import TARGETS

MOST = 5  # possible duplicates that are shown of a kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An existing record that may be used instead of a new one."""

    record: Any
    reasons: tuple[Any, ...] = ()
    score: int | None = None
    is_strong: bool = False
    is_chosen: bool = False
    is_usable: bool = True
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLead:
    """Another open lead that may be brought along."""

    lead: Lead
    reasons: tuple[Any, ...] = ()
    is_brought: bool = False
    is_same_person: bool = False
    role: str = ""
    stamp: str = ""
    errors: list[str] = field(default_factory=list)


def candidates(picks: Picks) -> dict[str, list[Candidate]]:
    """By module: the matches, the likeliest first, and what was found by hand."""
    return {key: _of(key, picks) for key in TARGETS}


def _of(key: str, picks: Picks) -> list[Candidate]:
    matches = {match.record.pk: match for match in picks.matches.of(key)[:MOST]}
    chosen = picks.records.get(key)
    records = [match.record for match in matches.values()]
    if chosen and chosen.pk not in matches:
        records.append(chosen)
    facts = _facts(key, records, picks.by)
    may_use = picks.may_use(key)
    return [
        Candidate(
            record=record,
            reasons=matches[record.pk].reasons if record.pk in matches else (),
            score=matches[record.pk].score if record.pk in matches else None,
            is_strong=record.pk in matches and matches[record.pk].is_strong,
            is_chosen=bool(chosen and chosen.pk == record.pk),
            is_usable=may_use,
            facts=facts[record.pk],
        )
        for record in records
    ]


def _facts(key: str, records: list[Any], by: Any) -> dict[int, tuple[str, ...]]:
    """What tells each record from others: where it is, whose it is, and how much hangs on it."""
    if not records:
        return {}
    prefetch_related_objects(records, "assigned_to", *(["organization"] if key != "organization" else []))
    counts = [_counted(records, key, module, texts, by) for module, texts in COUNTED.get(key, {}).items()]
    return {record.pk: tuple(_line(record, key, [count.get(record.pk, "") for count in counts])) for record in records}


def _line(record: Any, key: str, counts: list[str]) -> Iterator[str]:
    if key == "organization" and record.billing_city:
        yield record.billing_city
    if key == "contact":
        yield from filter(None, [record.job_title, record.mailing_city])
    if key == "opportunity":
        stage = registry.module(key).fields["sales_stage"]
        yield stage.show(record.sales_stage)
    yield _("owner %(name)s") % {"name": record.assigned_to}
    yield from filter(None, counts)


def _counted(records: list[Any], key: str, module: str, text: Callable[[int], str], by: Any) -> dict[int, str]:
    """How many visible records of another module point at each, in words."""
    pointing: Any = registry.module(module).model._default_manager
    found = pointing.visible_to(by).filter(**{f"{key}__in": [record.pk for record in records]})
    if module == "opportunity":
        found = found.exclude(sales_stage__in=CLOSED)
    numbers = found.order_by().values_list(key).annotate(count=Count("pk"))
    return {pk: text(count) % {"count": show_number(count)} for pk, count in numbers}


def _people(count: int) -> str:
    return ngettext("%(count)s contact", "%(count)s contacts", count)


def _sales(count: int) -> str:
    return ngettext("%(count)s open opportunity", "%(count)s open opportunities", count)


COUNTED: dict[str, dict[str, Callable[[int], str]]] = {
    "organization": {"contact": _people, "opportunity": _sales},
    "contact": {"opportunity": _sales},
}
DUPLICATES: dict[str, Callable[[int], str]] = {
    "organization": lambda n: ngettext(
        "%(count)s possible duplicate organization", "%(count)s possible duplicate organizations", n
    ),
    "contact": lambda n: ngettext("%(count)s possible duplicate contact", "%(count)s possible duplicate contacts", n),
    "opportunity": lambda n: ngettext(
        "%(count)s open opportunity that may be the same", "%(count)s open opportunities that may be the same", n
    ),
}


def texts(key: str, existing: Any) -> dict[str, str]:
    """The sentences of a card, which differ by module."""
    return {
        "organization": {
            "choose": _("New or existing organization"),
            "new": _("Create a new organization"),
            "find": _("Find another organization"),
            "now": _("Now in the organization"),
            "filled": _("Empty in the organization, filled from the lead"),
            "planned": _("1 organization updated") if existing else _("1 organization created"),
            "hidden": _(
                "A similar organization exists that you may not see. Ask an administrator or its owner’s team."
            ),
        },
        "contact": {
            "choose": _("New or existing contact"),
            "new": _("Create a new contact"),
            "find": _("Find another contact"),
            "now": _("Now in the contact"),
            "filled": _("Empty in the contact, filled from the lead"),
            "planned": _("1 contact updated") if existing else _("1 contact created"),
            "hidden": _("A similar contact exists that you may not see. Ask an administrator or its owner’s team."),
        },
        "opportunity": {
            "choose": _("New or existing opportunity"),
            "new": _("Create a new opportunity"),
            "find": _("Find another opportunity"),
            "now": _("Now in the opportunity"),
            "filled": _("Empty in the opportunity, filled from the lead"),
            "planned": _("1 opportunity updated") if existing else _("1 opportunity created"),
            "hidden": _("A similar opportunity exists that you may not see. Ask an administrator or its owner’s team."),
        },
    }[key]


def other_leads(form: ConvertForm) -> list[OtherLead]:
    """The leads that look alike, and those that are brought along already."""
    picks, draft = form.picks, form.draft
    matches = {match.record.pk: match for match in picks.matches.of("lead")[:MOST]}
    leads = {**{pk: match.record for pk, match in matches.items()}, **picks.leads}
    prefetch_related_objects(list(leads.values()), "assigned_to")
    return [
        OtherLead(
            lead=lead,
            reasons=matches[pk].reasons if pk in matches else (),
            is_brought=pk in picks.leads,
            is_same_person=_is_same_person(picks, pk, matches.get(pk)),
            role=picks.sent(f"also_{pk}_role"),
            stamp=stamp.make(lead, draft.mapping),
            errors=form.also_errors.get(str(pk), []),
        )
        for pk, lead in leads.items()
    ]


def _is_same_person(picks: Picks, pk: int, match: Any) -> bool:
    """As the user said; at first, as the match says."""
    if said := picks.sent(f"also_{pk}_as"):
        return said == SAME
    return bool(match and match.is_strong and match.about == "person")
