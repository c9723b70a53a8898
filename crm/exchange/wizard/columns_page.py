"""The page on which somebody says where each column of a file goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.exchange.headers import importable
from crm.exchange.importing import IN_NOTE, LEAVE_OUT, NEW_FIELD
from crm.exchange.models import FileImport
from crm.exchange.wizard import steps
from crm.exchange.wizard.columns import AS_BEFORE, BY_HEADER, BY_VALUES, Column, misfit, name
from crm.exchange.wizard.job import module
from crm.fields import registry
from crm.fields.kinds import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A place where a column may go."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A column of the file on the page."""

    place: int
    name: str
    column: Column
    chosen: str
    how: str | Promise
    others: Sequence[Option]
    problem: str
    misfit: str

    @property
    def id(self) -> str:
        return f"column-{self.place}"


def hows() -> Mapping[str, str]:
    return {
        BY_HEADER: _("By its title"),
        BY_VALUES: _("Guessed from its values"),
        AS_BEFORE: _("As the last time"),
    }


@dataclass(frozen=True)
class ColumnsPage:
    """The columns with what was chosen for them."""

    found: FileImport
    choices: Sequence[str]
    problems: Mapping[int | None, str]
    may_add_fields: bool

    @cached_property
    def columns(self) -> list[Column]:
        return steps.known_columns(self.found)

    @cached_property
    def fields(self) -> list[registry.Field]:
        return [field for field in module().fields.values() if importable(field)]

    @cached_property
    def groups(self) -> list[tuple[str | Promise, list[Option]]]:
        """The fields by their blocks."""
        blocks = module().blocks
        by_block: dict[str, list[Option]] = {}
        for field in self.fields:
            star = " *" if field.required else ""
            text = f"{field.label}{star} · {field.kind.label}"
            by_block.setdefault(field.block, []).append(Option(value=field.key, text=text))
        return [(blocks.get(block, block), options) for block, options in by_block.items()]

    @cached_property
    def is_as_before(self) -> bool:
        return AS_BEFORE in self.found.hows

    def lines(self) -> list[Line]:
        return [self._line(place, column) for place, column in enumerate(self.columns)]

    def _line(self, place: int, column: Column) -> Line:
        chosen = self.choices[place]
        field = next((one for one in self.fields if one.key == chosen), None)
        how = self.found.hows[place] if chosen == self.found.choices[place] else ""
        return Line(
            place=place,
            name=name(self.columns, place),
            column=column,
            chosen=chosen,
            how=hows().get(how, ""),
            others=self._others(column),
            problem=self.problems.get(place, ""),
            misfit=misfit(column, field, self.found.header) if field else "",
        )

    def _others(self, column: Column) -> list[Option]:
        others = [Option(value=IN_NOTE, text=_("Keep in a note")), Option(value=LEAVE_OUT, text=_("Leave out"))]
        if column.title and column.kind and self.may_add_fields:
            text = _("New custom field (%(kind)s)") % {"kind": KINDS[column.kind].label}
            others.insert(0, Option(value=NEW_FIELD, text=text))
        return others

    def summary(self) -> list[tuple[str, str]]:
        """The problems with the ids of their places."""
        told = [(f"column-{place}", text) for place, text in self.problems.items() if place is not None]
        general = [("column-0", text) for place, text in self.problems.items() if place is None]
        return general + told
