"""The dashboard as its template shows it: labels, bars and links around the numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import dictionary
from crm.kit.numbers import show_number
from crm.kit.periods import Period
from leads.dashboard import numbers
from leads.dashboard.numbers import WAITS, Group, percent
from mapping import table
from mapping.coverage import Reach, Unmapped, reach, unmapped

SHOWN_SOURCES = 8
SCALES: tuple[tuple[Decimal, str | Promise], ...] = (
    (Decimal(10) ** 9, gettext_lazy("%(number)s bn %(currency)s")),
    (Decimal(10) ** 6, gettext_lazy("%(number)s m %(currency)s")),
)
CURRENCIES = {"IRR": gettext_lazy("IRR")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A line of a chart: its words, its number, what that is in percent, its list, and its length (100: the longest)."""

    label: str
    number: int
    percent: int = 0
    length: int = 0
    url: str = ""
    colour: str = ""
    whole: int = 0


class Dashboard:
    """Everything the page shows for this user and period; each part is worked out when the template asks for it."""

    def __init__(self, user: Any, period: Period) -> None:
        self.user = user
        self.period = period

    @cached_property
    def open(self) -> dict[str, Any]:
        return numbers.open_leads(self.user)

    @cached_property
    def overdue(self) -> int:
        return numbers.overdue_activities(self.user)

    @cached_property
    def cohort(self) -> numbers.Cohort:
        return numbers.cohort(self.user, self.period)

    @cached_property
    def waits(self) -> dict[str, Any]:
        return numbers.waits(self.user, self.period)

    @cached_property
    def pipeline(self) -> dict[str, Any]:
        return numbers.pipeline(self.user, self.period)

    @property
    def pipeline_amount(self) -> str:
        return short_amount(self.pipeline["amount"])

    @property
    def points(self) -> int:
        """How many points the conversion rate is above the period before (below: negative)."""
        return self.cohort.total.rate - self.cohort.previous.rate

    @property
    def fall(self) -> int:
        return -self.points

    @cached_property
    def statuses(self) -> list[Bar]:
        """What became of the period's leads: the open ones by status in the list's order, then the converted ones."""
        total = self.cohort.total
        bars = [
            Bar(
                label=label,
                number=group.created,
                percent=percent(group.created, total.created),
                url=leads_with(status=group.key),
            )
            for label, group in labelled("lead_status", self.cohort.statuses)
        ]
        converted = Bar(label=_("Converted"), number=total.converted, percent=total.rate, colour="ok")
        return drawn([*bars, converted])

    @cached_property
    def sources(self) -> list[Bar]:
        """The conversion rate by source, for the sources with the most leads."""
        pairs = sorted(labelled("lead_source", self.cohort.sources), key=lambda pair: -pair[1].created)[:SHOWN_SOURCES]
        pairs.sort(key=lambda pair: -pair[1].rate)
        return drawn(
            [
                Bar(label=label, number=group.converted, whole=group.created, percent=group.rate)
                for label, group in pairs
            ]
        )

    @cached_property
    def owners(self) -> list[Group]:
        """The owners of the period's leads, most conversions first; empty when there is only one."""
        owners = sorted(self.cohort.owners.values(), key=lambda group: (-group.converted, -group.created, group.label))
        return owners if len(owners) > 1 else []

    @cached_property
    def histogram(self) -> list[Bar]:
        counts, total = self.waits["counts"], self.waits["total"]
        return drawn(
            [
                Bar(label=days_label(*days), number=count, percent=percent(count, total))
                for days, count in zip(WAITS, counts, strict=True)
            ]
        )

    @property
    def ready_url(self) -> str:
        return leads_with(view="ready")

    @property
    def stale_url(self) -> str:
        return leads_with(view="stale")

    @cached_property
    def unmapped(self) -> list[Unmapped]:
        """For administrators: the lead fields that no mapping row carries although open leads hold a value there."""
        if not self.user.has_perm("mapping.change_link"):
            return []
        return [one for one in unmapped(self.mapping) if one.open_leads]

    @cached_property
    def mapping(self) -> table.Mapping:
        return table.current()

    @property
    def reach(self) -> Reach:
        """How many lead fields reach a target, and of how many."""
        return reach(self.mapping)

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing waits for the user."""
        return not (self.open["ready"] or self.open["stale"] or self.overdue or self.unmapped)


def drawn(bars: list[Bar]) -> list[Bar]:
    """Give the bars their lengths, so that the longest fills its line."""
    longest = max((bar.percent for bar in bars), default=0)
    return [replace(bar, length=percent(bar.percent, longest)) for bar in bars]


def labelled(list_key: str, groups: dict[str, Group]) -> Iterable[tuple[str, Group]]:
    """Pair each group with its option's label, in the list's order; values that are no option any more come last."""
    labels = {option.value: option.label for option in dictionary.options(list_key)}
    order = {value: place for place, value in enumerate(labels)}
    for key in sorted(groups, key=lambda key: (order.get(key, len(order)), key)):
        yield labels.get(key) or key or _("(empty)"), groups[key]


def leads_with(**filters: Any) -> str:
    """The address of the list of open leads with these filters."""
    return f"{reverse('leads-list')}?{urlencode(filters)}"


def days_label(first: int, end: int | None) -> str:
    if end is None:
        return _("%(days)s+") % {"days": show_number(first)}
    return f"{show_number(first)}–{show_number(end - 1)}"


def short_amount(amount: Decimal) -> str:
    """Write a large sum so that it can be taken in at a glance: 74 bn IRR."""
    currency = CURRENCIES.get(settings.CURRENCY, settings.CURRENCY)
    for scale, words in SCALES:
        if amount >= scale:
            number = show_number(round(amount / scale, 1))
            return str(words) % {"number": number, "currency": currency}
    return _("%(number)s %(currency)s") % {"number": show_number(round(amount)), "currency": currency}
