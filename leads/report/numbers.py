"""The numbers of the conversion report: five statements whatever the number of leads; medians are worked out in one pass."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet

from crm.kit.periods import Period
from crm.people.models import User
from leads.models import Conversion, Lead

DIMENSIONS = ("lead_source", "assigned_to", "industry")
DAY = dt.timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Line:
    """The leads that share a source, an owner, an industry or a mapping revision.

    `created` in the period and, of these, `won` to a conversion at any time; `waits` are the days that the conversions done in
    the period took, `noted` how many of their values no mapping carried.
    """

    created: int = 0
    won: int = 0
    waits: list[float] = field(default_factory=list)
    noted: int = 0

    @property
    def rate(self) -> int | None:
        """How many of a hundred new leads were converted; None without new leads."""
        return round(100 * self.won / self.created) if self.created else None

    @property
    def done(self) -> int:
        """How many conversions were done in the period."""
        return len(self.waits)

    @property
    def median_days(self) -> int | None:
        return round(median(self.waits)) if self.waits else None

    @property
    def noted_each(self) -> Decimal:
        """How many values a conversion kept in its note, on average, to one decimal place."""
        return round(Decimal(self.noted) / self.done, 1) if self.done else Decimal(0)


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of the leads of a period, as far as the user may see them."""

    total: Line = field(default_factory=Line)
    lines: dict[str, dict[Any, Line]] = field(default_factory=lambda: {key: {} for key in (*DIMENSIONS, "revision")})
    in_notes: Counter[str] = field(default_factory=Counter)  # lead field keys
    left_behind: Counter[str] = field(default_factory=Counter)
    reused: Counter[str] = field(default_factory=Counter)  # module keys: records used instead of made again

    def of(self, dimension: str, key: Any) -> Line:
        return self.lines[dimension].setdefault(key, Line())


def report(user: Any, period: Period) -> Report:
    """Work the report out for what this user may see."""
    found = Report()
    for *keys, is_converted, number in _cohort(user, period):
        for line in (found.total, *(found.of(*pair) for pair in zip(DIMENSIONS, keys, strict=True))):
            line.created += number
            line.won += number if is_converted else 0
    for conversion in _conversions(user, period):
        _take(found, conversion)
    return found


def _cohort(user: Any, period: Period) -> Iterable[tuple[Any, ...]]:
    leads: QuerySet[Any] = Lead.everything.visible_to(user)
    rows: Iterable[tuple[Any, ...]] = (
        leads.filter(created_at__gte=period.start, created_at__lt=period.end)
        .order_by()
        .values_list(*DIMENSIONS)
        .annotate(is_converted=Q(converted_at__isnull=False), number=Count("pk"))
    )
    return rows


COLUMNS = ("converted_at", "lead__created_at", "mapping_revision", "kept_in_note", "left_behind", "existing")


def _conversions(user: Any, period: Period) -> Iterator[tuple[Any, ...]]:
    leads: QuerySet[Any] = Lead.everything.visible_to(user)
    done = Conversion.objects.filter(converted_at__gte=period.start, converted_at__lt=period.end, lead__in=leads)
    return done.values_list(*COLUMNS, *(f"lead__{key}" for key in DIMENSIONS)).iterator()


def _take(found: Report, conversion: tuple[Any, ...]) -> None:
    converted_at, created_at, revision, in_note, left_behind, existing, *keys = conversion
    pairs = [*zip(DIMENSIONS, keys, strict=True), ("revision", revision)]
    for line in (found.total, *(found.of(*pair) for pair in pairs)):
        line.waits.append(max(0.0, (converted_at - created_at) / DAY))
        line.noted += len(in_note)
    found.in_notes.update(in_note)
    found.left_behind.update(left_behind)
    found.reused.update(existing)


def months(user: Any, periods: list[Period]) -> list[tuple[int, int]]:
    """For each month: how many leads were created and how many were converted, all in one statement."""
    counted: dict[str, Any] = {}
    for place, month in enumerate(periods):
        for name, column in (("created", "created_at"), ("done", "converted_at")):
            within = Q(**{f"{column}__gte": month.start, f"{column}__lt": month.end})
            counted[f"{name}_{place}"] = Count("pk", filter=within)
    leads: QuerySet[Any] = Lead.everything.visible_to(user)
    found = leads.aggregate(**counted)
    return [(found[f"created_{place}"], found[f"done_{place}"]) for place in range(len(periods))]


def names(users: Iterable[int]) -> dict[int, str]:
    """The names of users by primary key."""
    return {user.pk: str(user) for user in User.objects.filter(pk__in=list(users))}
