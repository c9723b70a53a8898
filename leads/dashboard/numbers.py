"""The numbers of the dashboard, each asked of the database as a sum: six statements whatever the number of leads."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils import timezone

from crm.kit.periods import Period
from crm.people import access
from crm.records.models import Opportunity
from crm.related.models import Activity
from crm.related.quiet import is_quiet
from leads.models import Lead

READY = "Qualified"
CLOSED = ("Closed Won", "Closed Lost")
WAITS = (
    (0, 4),
    (4, 8),
    (8, 15),
    (15, 31),
    (31, None),
)  # days from creation to conversion: from, up to but not including


@dataclass(slots=True, kw_only=True)
class Group:
    """Leads created in the period that share a status, a source or an owner."""

    key: Any
    label: str = ""
    created: int = 0
    converted: int = 0

    @property
    def open(self) -> int:
        return self.created - self.converted

    @property
    def rate(self) -> int:
        """How many of a hundred were converted."""
        return percent(self.converted, self.created)


@dataclass(slots=True, kw_only=True)
class Cohort:
    """The leads created in the period and what became of them; `previous` is the period before."""

    total: Group = field(default_factory=lambda: Group(key=""))
    previous: Group = field(default_factory=lambda: Group(key=""))
    statuses: dict[str, Group] = field(default_factory=dict)
    sources: dict[str, Group] = field(default_factory=dict)
    owners: dict[int, Group] = field(default_factory=dict)


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def open_leads(user: Any) -> dict[str, Any]:
    """Count the open leads: `all` that the user sees, and of their own the `mine`, `ready` and `stale` ones."""
    mine, ready = Q(assigned_to=user), Q(assigned_to=user, lead_status=READY)
    leads: QuerySet[Any] = Lead.objects.visible_to(user)
    counted: dict[str, Any] = leads.aggregate(
        all=Count("pk"),
        mine=Count("pk", filter=mine),
        ready=Count("pk", filter=ready),
        ready_since=Min("modified_at", filter=ready),
        stale=Count("pk", filter=mine & is_quiet("lead")),
    )
    return counted


def overdue_activities(user: Any) -> int:
    if not access.can(user, "view", Activity):
        return 0
    return Activity.objects.filter(assigned_to=user, status=Activity.Status.PLANNED, due_at__lt=timezone.now()).count()


def cohort(user: Any, period: Period) -> Cohort:
    """Sort the leads created in the period, converted or not, by status, source and owner."""
    found = Cohort()
    for row in _cohort_rows(user, period):
        number, converted = row["number"], row["number"] if row["is_converted"] else 0
        if not row["is_current"]:
            _add([found.previous], number, converted)
            continue
        owner = found.owners.setdefault(row["assigned_to"], Group(key=row["assigned_to"], label=_name(row)))
        groups = [found.total, _group(found.sources, row["lead_source"]), owner]
        if not converted:
            groups.append(_group(found.statuses, row["lead_status"]))
        _add(groups, number, converted)
    return found


def _cohort_rows(user: Any, period: Period) -> Iterable[dict[str, Any]]:
    leads: QuerySet[Any] = Lead.everything.visible_to(user)
    rows: Iterable[dict[str, Any]] = (
        leads.filter(created_at__gte=period.previous, created_at__lt=period.end)
        .order_by()
        .values(
            "lead_status",
            "lead_source",
            "assigned_to",
            "assigned_to__first_name",
            "assigned_to__last_name",
            "assigned_to__username",
            is_converted=Q(converted_at__isnull=False),
            is_current=Q(created_at__gte=period.start),
        )
        .annotate(number=Count("pk"))
    )
    return rows


def _name(row: dict[str, Any]) -> str:
    return f"{row['assigned_to__first_name']} {row['assigned_to__last_name']}".strip() or row["assigned_to__username"]


def _group(groups: dict[str, Group], key: str) -> Group:
    return groups.setdefault(key, Group(key=key))


def _add(groups: Iterable[Group], number: int, converted: int) -> None:
    for group in groups:
        group.created += number
        group.converted += converted


def waits(user: Any, period: Period) -> dict[str, Any]:
    """How long the leads converted in the period took: `counts` for each of WAITS, their `total`, and the `median` days."""
    converted = _converted(user, period)
    counts = list(
        converted.aggregate(
            **{f"from_{first}": Count("pk", filter=_waited(first, end)) for first, end in WAITS}
        ).values()
    )
    total = sum(counts)
    middle = converted.order_by("wait").values_list("wait", flat=True)[max(total - 1, 0) // 2 : total // 2 + 1]
    days = [wait / dt.timedelta(days=1) for wait in middle]
    return {"counts": counts, "total": total, "median": round(sum(days) / len(days)) if days else None}


def _converted(user: Any, period: Period) -> QuerySet[Any]:
    in_period = Q(conversion__converted_at__gte=period.start, conversion__converted_at__lt=period.end)
    leads: QuerySet[Any] = Lead.everything.visible_to(user).filter(in_period)
    waiting: QuerySet[Any] = leads.annotate(wait=F("converted_at") - F("created_at"))
    return waiting


def _waited(first: int, end: int | None) -> Q:
    at_least = Q(wait__gte=dt.timedelta(days=first)) if first else Q()
    return at_least & Q(wait__lt=dt.timedelta(days=end)) if end else at_least


def pipeline(user: Any, period: Period) -> dict[str, Any]:
    """The opportunities still open that came from leads converted in the period: `number` and `amount`."""
    opportunities: QuerySet[Any] = Opportunity.objects.visible_to(user)
    found: dict[str, Any] = (
        opportunities.filter(conversions__converted_at__gte=period.start, conversions__converted_at__lt=period.end)
        .exclude(sales_stage__in=CLOSED)
        .aggregate(number=Count("pk"), amount=Sum("amount", default=Decimal(0)))
    )
    return found
