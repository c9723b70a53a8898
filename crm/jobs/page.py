"""What the page of a job that goes through records shows of it: how far it is, and the records group by group, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.http import HttpRequest
from django.utils.functional import Promise

from crm.jobs import results
from crm.jobs.models import Item, Job
from crm.kit.keys import parse_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Records with the same verdict or outcome, and how many."""

    key: str
    label: str | Promise
    count: int
    is_current: bool


@dataclass(frozen=True)
class JobPage:
    """What the template draws, for whoever may look at the job. Each kind of job says in its own words what became of records."""

    request: HttpRequest
    job: Job
    size: ClassVar[int] = 50  # records on a page

    def labels(self) -> Mapping[str, str | Promise]:
        """The words for the groups; what a person has to look at comes first."""
        raise NotImplementedError

    @property
    def is_before_start(self) -> bool:
        return self.job.state in (Job.State.CHECKING, Job.State.READY)

    @property
    def is_moving(self) -> bool:
        """Whether there is something to wait for."""
        return self.job.state in (Job.State.CHECKING, Job.State.RUNNING)

    @cached_property
    def column(self) -> str:
        return results.column_of(self.job)

    @cached_property
    def tally(self) -> dict[str, int]:
        return results.tally(self.job, self.column)

    def count_of(self, key: str) -> int:
        return self.tally.get(key, 0)

    @property
    def done(self) -> int:
        return self.job.total - self.count_of("")

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.job.total, 1)

    @cached_property
    def show(self) -> str:
        """The group that is shown."""
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in self._there() else next(iter(self._there()), "")

    def _there(self) -> list[str]:
        return [key for key in self.labels() if self.count_of(key)]

    def groups(self) -> list[Group]:
        labels = self.labels()
        return [
            Group(key=key, label=labels[key], count=self.count_of(key), is_current=key == self.show)
            for key in self._there()
        ]

    @cached_property
    def items(self) -> list[Item]:
        """The items of the shown group on this page, and one more if there is a further page."""
        start = parse_key(self.request.GET.get("after", "")) or 0
        found = Item.objects.filter(job=self.job, pk__gt=start, **{self.column: self.show})
        return list(found.order_by("pk")[: self.size + 1])

    @property
    def shown(self) -> Sequence[Item]:
        return self.items[: self.size]

    @property
    def after(self) -> int:
        """Where the next page begins, or 0."""
        return self.items[self.size - 1].pk if len(self.items) > self.size else 0
