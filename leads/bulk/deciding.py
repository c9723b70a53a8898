"""Deciding for the leads that look like something that is there: which record each fills, or that it makes a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.jobs.models import Item, Job
from leads.conversion.many import MATCHED, USE_BEST
from leads.conversion.matching import find_exact
from leads.conversion.scheme import Scheme
from leads.models import Lead

NEW, NONE = "new", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One choice of the grid: its name in the form, its label, its options, what is chosen ("" = by the rule for all leads), and
    what that rule would choose.
    """

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A lead to decide about."""

    item: Item
    lead: Lead | None
    selects: list[Select]
    is_left_out: bool
    is_decided: bool


def rows(job: Job, items: Sequence[Item], *, by: Any) -> list[Row]:
    """The grid for these items, with the matches as they are now; a fixed number of statements."""
    leads = {lead.pk: lead for lead in Lead.objects.visible_to(by).filter(pk__in=[item.record for item in items])}
    matches = find_exact(list(leads.values()), by=by)
    scheme = Scheme.read(by)
    made = []
    for item in items:
        lead = leads.get(item.record)
        parts = job.options.get("parts") or (scheme.usual_parts(lead) if lead else [])
        selects = []
        for key in MATCHED if lead else ():
            found = matches[item.record].of(key)
            best = matches[item.record].best(key) if job.options.get("on_match") == USE_BEST else None
            selects.append(_select(item, key, found, rule=_rule(best, is_made=key in parts)))
        if lead:
            selects.append(_transfer(item))
        made.append(
            Row(
                item=item,
                lead=lead,
                selects=selects,
                is_left_out=bool(item.choice.get("skip")),
                is_decided=bool(item.choice),
            )
        )
    return made


def _rule(best: Any, *, is_made: bool) -> str:
    """What the rule for all leads chooses where a person chose only a part."""
    if not is_made:
        return NONE
    return str(best.record.pk) if best else NEW


def _select(item: Item, key: str, found: Any, *, rule: str) -> Select:
    labels = {"organization": _("Organization"), "contact": _("Contact")}
    options = [("", _("As for all"))]
    options += [(str(match.record.pk), _use(match)) for match in found]
    options += [(NEW, _("Create new")), (NONE, _("Don't create"))]
    value = ""
    if "parts" in item.choice:
        existing = item.choice.get("existing", {})
        value = str(existing[key]) if key in existing else NEW if key in item.choice["parts"] else NONE
    if value not in dict(options):
        value = ""
    return Select(name=f"{key}-{item.record}", label=labels[key], options=options, value=value, rule=rule)


def _transfer(item: Item) -> Select:
    options = [("", _("As for all")), ("contact", _("Contact")), ("organization", _("Organization"))]
    value = item.choice.get("transfer_to") or ""
    return Select(name=f"transfer-{item.record}", label=_("Related records"), options=options, value=value)


def _use(match: Any) -> str:
    reasons = _(", ").join(reason.text for reason in match.reasons)
    names = {"name": match.record, "number": match.record.number, "reasons": reasons}
    return _("Use %(name)s, %(number)s (%(reasons)s)") % names


def decide(job: Job, shown: Sequence[Row], post: QueryDict) -> None:
    """Write down what was chosen in the grid; what is no option of it is not taken, and where nothing was chosen the rule holds."""
    others = [key for key in job.options.get("parts") or () if key not in MATCHED]
    changed = []
    for row in shown:
        if row.lead is None:
            continue
        if post.get(f"skip-{row.item.record}"):
            row.item.choice = {"skip": True}
        else:
            row.item.choice = _choice(row, post, others)
        changed.append(row.item)
    Item.objects.bulk_update(changed, ["choice"])


def _choice(row: Row, post: QueryDict, others: Sequence[str]) -> dict[str, Any]:
    existing: dict[str, int] = {}
    parts = []
    *records, transfer = row.selects
    if not any(_sent(select, post) for select in row.selects):
        return {}
    for key, select in zip(MATCHED, records, strict=True):
        value = _sent(select, post) or select.rule
        if value != NONE:
            parts.append(key)
        if value.isdigit():
            existing[key] = int(value)
    if not parts:
        return {"skip": True}
    transfer_to = _sent(transfer, post)
    to = {"transfer_to": transfer_to} if transfer_to in parts else {}
    return {"existing": existing, "parts": [*parts, *others], **to}


def _sent(select: Select, post: QueryDict) -> str:
    """What was sent for a select, if it is one of its options."""
    sent = post.get(select.name, select.value)
    return sent if sent in dict(select.options) else select.value
