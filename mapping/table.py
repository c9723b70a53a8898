"""The mapping as the familiar table of four columns, and its rules applied to all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Subquery

from crm.kit.prepared import Prepared
from mapping.checking import Fields, check, fields_now, pair_problem
from mapping.models import Link, Revision
from mapping.rows import Row
from mapping.rules import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A link of the table in force, with what is wrong with it, if anything became wrong since it was saved."""

    source: str
    module: str
    target: str
    row: int
    locked: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """The table in force: its revision number and its arrows in order."""

    revision: int
    arrows: tuple[Arrow, ...] = field(default_factory=tuple)

    def into(self, module: str) -> list[Arrow]:
        """The sound arrows into a module; a broken one carries nothing, so its value counts as lost."""
        return self._sound.get(module, [])

    @cached_property
    def _sound(self) -> dict[str, list[Arrow]]:
        sound: dict[str, list[Arrow]] = {}
        for arrow in self.arrows:
            if arrow.problem is None:
                sound.setdefault(arrow.module, []).append(arrow)
        return sound

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


def _links() -> QuerySet[Link, Any]:
    return Link.objects.values_list("row", "source", "module", "target", "is_locked", Subquery(newest()))


_LINKS = Prepared(_links)


def current() -> Mapping:
    """Read the table in force (one statement) and check every arrow against the fields as they are now."""
    links = _LINKS.rows()
    revision = links[0][-1] if links else newest().values_list("number", flat=True).first()
    fields = fields_now()
    arrows = tuple(_arrow(fields, link) for *link, _revision in links)
    return Mapping(revision=revision or 0, arrows=arrows)


def proposed(rows: Sequence[Row], revision: int) -> Mapping:
    """A table that isn't saved yet, as the conversion would use it; cells that break a rule carry nothing."""
    fields = fields_now()
    errors = check(rows, fields)
    arrows = []
    for number, row in enumerate(rows):
        for module, target in row.targets().items():
            arrow = _arrow(fields, (number, row.lead, module, target, row.locked))
            if arrow.problem is None and (messages := errors.get(number, {}).get(module)):
                arrow = replace(arrow, problem=Problem(code="taken", message=messages[0]))
            arrows.append(arrow)
    return Mapping(revision=revision, arrows=tuple(arrows))


def _arrow(fields: Fields, link: Iterable[Any]) -> Arrow:
    row, source, module, target, locked = link
    found = pair_problem(fields["lead"].get(source), module, fields[module].get(target), is_locked=locked)
    return Arrow(row=row, source=source, module=module, target=target, locked=locked, problem=found)
