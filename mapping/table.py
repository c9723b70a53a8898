"""The mapping as the familiar table of four columns, and its rules applied to all of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Subquery

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.fields.registry import Field
from mapping.models import Link, Revision
from mapping.rows import Row
from mapping.rules import Problem, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A link of the table in force, with what is wrong with it, if anything became wrong since it was saved."""

    source: str
    module: str
    target: str
    row: int
    locked: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The table in force: its revision number and its arrows in order."""

    revision: int
    arrows: tuple[Arrow, ...] = field(default_factory=tuple)

    def into(self, module: str) -> list[Arrow]:
        """The sound arrows into a module; a broken one carries nothing, so its value counts as lost."""
        return [arrow for arrow in self.arrows if arrow.module == module and arrow.problem is None]

    def rows(self) -> list[Row]:
        """The table as people see it."""
        cells: dict[int, dict[str, Any]] = {}
        for arrow in self.arrows:
            row = cells.setdefault(arrow.row, {"lead": arrow.source, "locked": arrow.locked})
            row[arrow.module] = arrow.target
        return [Row(**cells[number]) for number in sorted(cells)]


def current() -> Mapping:
    """Read the table in force (one statement) and check every arrow against the fields as they are now."""
    newest = Revision.objects.order_by("-number").values("number")[:1]
    links = list(Link.objects.annotate(revision=Subquery(newest)))
    revision = links[0].revision if links else newest.values_list("number", flat=True).first()
    return Mapping(revision=revision or 0, arrows=tuple(_arrows(links)))


def _arrows(links: Iterable[Link]) -> Iterable[Arrow]:
    sources = registry.module("lead").fields
    for link in links:
        targets = registry.module(link.module).fields
        yield Arrow(
            source=link.source,
            module=link.module,
            target=link.target,
            row=link.row,
            locked=link.is_locked,
            problem=_problem(link, sources.get(link.source), targets.get(link.target)),
        )


def _problem(link: Link, source: Field | None, target: Field | None) -> Problem | None:
    """What is wrong with a link; the company goes into links to the organization that is made of it."""
    makes_a_link = link.is_locked and source is not None and target is not None and target.kind is LINK
    return None if makes_a_link else problem(source, target)
