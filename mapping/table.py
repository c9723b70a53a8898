"""The mapping as the familiar table of four columns, and its rules applied to all of it."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Subquery

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


def newest() -> QuerySet[Revision, Any]:
    """The number of the revision in force, for a subquery."""
    return Revision.objects.order_by("-number").values("number")[:1]


def current() -> Mapping:
    """Read the table in force (one statement) and check every arrow against the fields as they are now."""
    links = list(Link.objects.values_list("row", "source", "module", "target", "is_locked", Subquery(newest())))
    revision = links[0][-1] if links else newest().values_list("number", flat=True).first()
    fields = {module.key: module.fields for module in registry.modules()}
    arrows = (
        Arrow(
            row=row,
            source=source,
            module=module,
            target=target,
            locked=is_locked,
            problem=_problem(fields["lead"].get(source), fields[module].get(target), is_locked=is_locked),
        )
        for row, source, module, target, is_locked, _revision in links
    )
    return Mapping(revision=revision or 0, arrows=tuple(arrows))


def _problem(source: Field | None, target: Field | None, *, is_locked: bool) -> Problem | None:
    """What is wrong with a link; the company goes into links to the organization that is made of it."""
    makes_a_link = is_locked and source is not None and target is not None and target.kind is LINK
    return None if makes_a_link else problem(source, target)
