"""The conversion report as its template and its file show it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import dictionary, registry
from crm.kit import dates, periods
from crm.kit.numbers import show_number
from leads.report import numbers
from leads.report.numbers import Line
from mapping import table
from mapping.coverage import HANDLED
from mapping.rows import TARGETS

MAX_BACK = 400  # periods: a century of quarters
MONTHS_SHOWN = 12
SHOWN_FIELDS = 10
SHOWN_GROUPS = 8
TITLES = {
    "lead_source": gettext_lazy("By source"),
    "assigned_to": gettext_lazy("By owner"),
    "industry": gettext_lazy("By industry"),
    "revision": gettext_lazy("By mapping revision"),
}
PERIODS = {"month": gettext_lazy("Month"), "quarter": gettext_lazy("Quarter"), "year": gettext_lazy("Year")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A line of a table: its words, its numbers, and how long its bar is (100: the longest)."""

    label: str
    line: Line
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One way to group the period's leads."""

    key: str
    title: str
    groups: list[Group]

    @property
    def has_leads(self) -> bool:
        """Whether new leads can be counted too: a mapping revision belongs to conversions alone."""
        return self.key != "revision"

    @property
    def shown(self) -> list[Group]:
        return self.groups[:SHOWN_GROUPS]

    @property
    def folded(self) -> list[Group]:
        """What is read on demand."""
        return self.groups[SHOWN_GROUPS:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A lead field whose values were kept in a note, and whether a row of the mapping carries it today."""

    key: str
    label: str
    number: int
    length: int
    is_mapped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    label: str
    created: int
    done: int
    created_length: int
    done_length: int


class ReportPage:
    """The report of one period for one user; each part is worked out when the template asks for it."""

    def __init__(self, user: Any, key: str, back: int) -> None:
        self.user = user
        self.key = key if key in periods.MONTHS else "quarter"
        self.back = min(max(back, 0), MAX_BACK)
        self.period = periods.current(self.key, back=self.back)

    @cached_property
    def report(self) -> numbers.Report:
        return numbers.report(self.user, self.period)

    @property
    def total(self) -> Line:
        return self.report.total

    @property
    def is_empty(self) -> bool:
        return not self.total.created and not self.total.done

    @property
    def title(self) -> str:
        return _("%(first)s to %(last)s") % {
            "first": dates.show_date(self.period.start.date(), long=True),
            "last": dates.show_date((self.period.end - numbers.DAY).date(), long=True),
        }

    def choices(self) -> list[dict[str, Any]]:
        return [{"key": key, "label": label, "is_current": key == self.key} for key, label in PERIODS.items()]

    @property
    def earlier(self) -> int:
        return self.back + 1

    @property
    def later(self) -> int:
        return self.back - 1

    @cached_property
    def tables(self) -> list[Table]:
        return [self._table(key) for key in TITLES]

    def _table(self, key: str) -> Table:
        lines = self.report.lines[key]
        shown = sorted(lines, key=lambda one: (-lines[one].done, -lines[one].created, str(one)))
        most = max((line.done for line in lines.values()), default=0)
        labels = self._labels(key)
        groups = [
            Group(label=labels.get(one) or _plain(one), line=lines[one], length=_share(lines[one].done, most))
            for one in shown
        ]
        return Table(key=key, title=str(TITLES[key]), groups=groups)

    def _labels(self, key: str) -> Mapping[Any, str]:
        if key == "assigned_to":
            return numbers.names(self.report.lines[key])
        if key == "revision":
            return {one: show_number(one) for one in self.report.lines[key]}
        return dictionary.labels(key)

    @cached_property
    def noted(self) -> list[Noted]:
        """What was kept in notes most often: the fields for which a row of the mapping may be missing."""
        in_notes = self.report.in_notes
        return self._fields(Counter({key: number for key, number in in_notes.items() if key not in HANDLED}))

    @cached_property
    def left_behind(self) -> list[Noted]:
        return self._fields(self.report.left_behind)

    def _fields(self, counted: Counter[str]) -> list[Noted]:
        fields = registry.module("lead").fields
        most = counted.most_common(SHOWN_FIELDS)
        longest = most[0][1] if most else 0
        return [
            Noted(
                key=key,
                label=str(fields[key].label) if key in fields else key,
                number=number,
                length=_share(number, longest),
                is_mapped=key in self._mapped,
            )
            for key, number in most
        ]

    @cached_property
    def _mapped(self) -> set[str]:
        return {arrow.source for arrow in table.current().arrows if arrow.problem is None}

    @cached_property
    def reused(self) -> list[dict[str, Any]]:
        """How many records were used instead of being made a second time, by module."""
        counted = self.report.reused
        return [{"module": registry.module(key), "number": counted[key]} for key in TARGETS if counted[key]]

    @property
    def reused_total(self) -> int:
        return self.report.reused.total()

    @cached_property
    def months(self) -> list[Month]:
        """The twelve months that end with the period."""
        back = periods.months_back(self.period)
        shown = [periods.current("month", back=back + place) for place in reversed(range(MONTHS_SHOWN))]
        counted = numbers.months(self.user, shown)
        most = max((max(pair) for pair in counted), default=0)
        return [
            Month(
                label=dates.show_month(month.start.date()),
                created=created,
                done=done,
                created_length=_share(created, most),
                done_length=_share(done, most),
            )
            for month, (created, done) in zip(shown, counted, strict=True)
        ]

    def file(self) -> Iterator[list[Any]]:
        """The rows of the file: a heading, then a row for each group; numbers stay numbers."""
        yield [
            _("Grouped by"), _("Group"), _("New leads"), _("Of these converted"), _("Rate, percent"),
            _("Conversions in the period"), _("Median days to convert"), _("Values kept in notes"),
        ]  # fmt: skip
        yield _row(_("All"), "", self.total)
        for one in self.tables:
            for group in one.groups:
                yield _row(one.title, group.label, group.line)
        for noted in self.noted:
            yield [_("Kept in notes"), noted.label, None, None, None, None, None, noted.number]

    @property
    def file_name(self) -> str:
        return f"conversions-{self.period.start.date().isoformat()}-{self.key}.csv"


def _plain(key: Any) -> str:
    return str(key) if key else _("(empty)")


def _share(number: int, most: int) -> int:
    return round(100 * number / most) if most else 0


def _row(title: str, label: str, line: Line) -> list[Any]:
    return [title, label, line.created, line.won, line.rate, line.done, line.median_days, line.noted]
