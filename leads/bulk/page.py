"""The page of a job that converts many leads, as its template needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.fields import registry
from crm.jobs import results
from crm.jobs.models import Item, Job
from leads.bulk import deciding, queue
from leads.bulk.job import CANNOT, CLEAN, DECIDE
from leads.conversion.bulk import CONVERTED, EARLIER, REFUSED, UNDECIDED
from leads.conversion.many import SKIP
from leads.models import Conversion, Lead
from mapping.rows import TARGETS

SIZE = 25
WORDS: dict[str, tuple[str | Promise, str]] = {
    CLEAN: (_("Clean"), "ok"),
    DECIDE: (_("Needs a decision"), "warn"),
    CANNOT: (_("Can't be converted"), "bad"),
    CONVERTED: (_("Converted"), "ok"),
    UNDECIDED: (_("Needs a decision"), "warn"),
    REFUSED: (_("Refused"), "bad"),
    EARLIER: (_("Already converted"), "note"),
    "": (_("Waiting"), "note"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Leads with the same verdict or outcome: the word, its look, and how many."""

    key: str
    label: str | Promise
    look: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One lead of the job with what became of it."""

    item: Item
    lead: Lead | None
    conversion: Conversion | None
    records: list[Any]
    word: str | Promise
    look: str

    @property
    def is_open(self) -> bool:
        return self.lead is not None and not self.lead.is_locked

    @property
    def number(self) -> str:
        return f"{registry.module('lead').prefix}{self.item.record}"


@dataclass(frozen=True)
class JobPage:
    """What the template draws, for whoever may look at the job."""

    request: HttpRequest
    job: Job

    @property
    def is_before_start(self) -> bool:
        return self.job.state in (Job.State.CHECKING, Job.State.READY)

    @property
    def column(self) -> str:
        return "verdict" if self.is_before_start else "outcome"

    @cached_property
    def tally(self) -> dict[str, int]:
        return results.tally(self.job, self.column)

    @property
    def done(self) -> int:
        return self.job.total - self.tally.get("", 0)

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.job.total, 1)

    @property
    def is_moving(self) -> bool:
        """Whether there is something to wait for."""
        return self.job.state in (Job.State.CHECKING, Job.State.RUNNING)

    @cached_property
    def show(self) -> str:
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in self.tally else next(iter(self._order()), "")

    def _order(self) -> list[str]:
        """What a person has to look at comes first."""
        order = (DECIDE, CANNOT, CLEAN) if self.is_before_start else (UNDECIDED, REFUSED, EARLIER, CONVERTED)
        return [key for key in order if self.tally.get(key)]

    def groups(self) -> list[Group]:
        return [
            Group(
                key=key,
                label=WORDS[key][0],
                look=WORDS[key][1],
                count=self.tally[key],
                is_current=key == self.show,
            )
            for key in self._order()
        ]

    def count_of(self, key: str) -> int:
        return self.tally.get(key, 0)

    @cached_property
    def _decided(self) -> dict[str, int]:
        """How many of the leads that look like something were decided by a person, and how many of them are left out."""
        told = Item.objects.filter(job=self.job, verdict=DECIDE).exclude(choice={})
        return told.aggregate(all=Count("pk"), left_out=Count("pk", filter=Q(choice__skip=True)))

    @property
    def now(self) -> int:
        """How many leads are converted for certain: the clean ones, and those that somebody decided."""
        return self.count_of(CLEAN) + self._decided["all"] - self._decided["left_out"]

    @property
    def waiting(self) -> int:
        """How many leads nobody decided; whether they are converted is said by the rule for all."""
        return self.count_of(DECIDE) - self._decided["all"]

    @property
    def now_and_waiting(self) -> int:
        return self.now + self.waiting

    @property
    def leaves_waiting(self) -> bool:
        """Whether the rule for all leaves alone what nobody decided."""
        return bool(self.job.options.get("on_match", SKIP) == SKIP)

    @cached_property
    def items(self) -> list[Item]:
        """The items of the shown group on this page, and one more if there is a further page."""
        after = self.request.GET.get("after", "")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        found = Item.objects.filter(job=self.job, pk__gt=start, **{self.column: self.show})
        return list(found.order_by("pk")[: SIZE + 1])

    @property
    def shown(self) -> Sequence[Item]:
        return self.items[:SIZE]

    @property
    def after(self) -> int:
        """Where the next page begins, or 0."""
        return self.items[SIZE - 1].pk if len(self.items) > SIZE else 0

    @property
    def has_reasons(self) -> bool:
        """Whether there is something to say of the shown leads beyond their group."""
        return self.show not in (CLEAN, CONVERTED) and (self.show != "" or not self.is_moving)

    @property
    def queue(self) -> str:
        """Where to go through the undecided leads one by one, "" while there is nothing to go through."""
        return "" if self.is_moving else queue.start(self.job)

    @property
    def is_deciding(self) -> bool:
        return self.job.state == Job.State.READY and self.show == DECIDE

    @cached_property
    def decisions(self) -> list[deciding.Row]:
        return deciding.rows(self.job, self.shown, by=self.request.user)

    def lines(self) -> list[Line]:
        return lines(self.shown, self.column, self.request.user)


def lines(items: Sequence[Item], column: str, user: Any) -> list[Line]:
    """Items with their leads and what they became, as far as the user may see it; a fixed number of statements."""
    pks = [item.record for item in items]
    leads = {lead.pk: lead for lead in Lead.everything.visible_to(user).filter(pk__in=pks)}
    made = {one.lead_id: one for one in _conversions(pks)}
    seen = {key: _visible(key, made.values(), user) for key in TARGETS}
    found = []
    for item in items:
        conversion = made.get(item.record)
        records = [
            record for key in TARGETS if conversion and (record := getattr(conversion, key)) and record.pk in seen[key]
        ]
        word, look = WORDS[getattr(item, column)]
        found.append(
            Line(
                item=item,
                lead=leads.get(item.record),
                conversion=conversion if records else None,
                records=records,
                word=word,
                look=look,
            )
        )
    return found


def _conversions(leads: Sequence[int]) -> Any:
    return Conversion.objects.filter(lead__in=leads).select_related("organization", "contact", "opportunity")


def _visible(key: str, conversions: Any, user: Any) -> set[int]:
    wanted = {pk for one in conversions if (pk := getattr(one, f"{key}_id"))}
    records: Any = registry.module(key).model._default_manager
    return set(records.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
