"""One row of the mapping as people see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TARGETS = ("organization", "contact", "opportunity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: a lead field and the field of each module that receives it, or None."""

    lead: str
    organization: str | None = None
    contact: str | None = None
    opportunity: str | None = None
    locked: bool = False

    @classmethod
    def of(cls, lead: str, cells: Mapping[str, str | None]) -> "Row":
        """Make a row of a lead field and its targets by module."""
        return cls(lead=lead, **{module: cells.get(module) for module in TARGETS})  # type: ignore[arg-type]

    def targets(self) -> dict[str, str]:
        """The filled cells, by module."""
        return {module: target for module in TARGETS if (target := getattr(self, module))}

    def as_dict(self) -> dict[str, Any]:
        return {"lead": self.lead, **{module: getattr(self, module) for module in TARGETS}, "locked": self.locked}


def read(kept: Iterable[dict[str, Any]]) -> list[Row]:
    """The rows of a revision as they were saved."""
    return [Row(**row) for row in kept]
