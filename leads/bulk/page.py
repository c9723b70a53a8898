"""The page of a job that converts many leads, as its template needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.fields import registry
from crm.jobs.models import Item, Job
from crm.jobs.page import JobPage
from leads.bulk import deciding, queue
from leads.bulk.job import CANNOT, CLEAN, DECIDE
from leads.conversion.bulk import CONVERTED, EARLIER, REFUSED, UNDECIDED
from leads.conversion.many import SKIP
from leads.models import Conversion, Lead
from mapping.rows import TARGETS

WORDS: dict[str, str | Promise] = {
    CLEAN: _("Clean"),
    DECIDE: _("Needs a decision"),
    CANNOT: _("Can't be converted"),
    CONVERTED: _("Converted"),
    UNDECIDED: _("Needs a decision"),
    REFUSED: _("Refused"),
    EARLIER: _("Already converted"),
    "": _("Waiting"),
}
BEFORE, AFTER = (DECIDE, CANNOT, CLEAN), (UNDECIDED, REFUSED, EARLIER, CONVERTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One lead of the job with what became of it."""

    item: Item
    lead: Lead | None
    conversion: Conversion | None
    records: list[Any]
    word: str | Promise

    @property
    def is_open(self) -> bool:
        return self.lead is not None and not self.lead.is_locked

    @property
    def number(self) -> str:
        return f"{registry.module('lead').prefix}{self.item.record}"


@dataclass(frozen=True)
class ConversionJobPage(JobPage):
    """The page of a job that converts leads."""

    size = 25

    def labels(self) -> dict[str, str | Promise]:
        return {key: WORDS[key] for key in (BEFORE if self.is_before_start else AFTER)}

    @cached_property
    def show(self) -> str:
        """The group that is shown; while nobody chose one, the leads that wait."""
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in self.tally else next(iter(self._there()), "")

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
        found.append(
            Line(
                item=item,
                lead=leads.get(item.record),
                conversion=conversion if records else None,
                records=records,
                word=WORDS[getattr(item, column)],
            )
        )
    return found


def _conversions(leads: Sequence[int]) -> Any:
    return Conversion.objects.filter(lead__in=leads).select_related("organization", "contact", "opportunity")


def _visible(key: str, conversions: Any, user: Any) -> set[int]:
    wanted = {pk for one in conversions if (pk := getattr(one, f"{key}_id"))}
    records: Any = registry.module(key).model._default_manager
    return set(records.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
