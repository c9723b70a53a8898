"""The editor as its template needs it: rows with their choices, what is wrong with each, and how much is covered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.fields.kinds import LINK, USER
from crm.fields.registry import Field, Module
from crm.kit.numbers import show_number
from mapping.checking import Fields, check, fields_now, label
from mapping.coverage import mappable
from mapping.editor.rows import Edited, free_number, kept, rows_of
from mapping.errors import Errors
from mapping.rows import TARGETS, Row
from mapping.rules import missing_options, problem

# What a conversion puts into an opportunity by itself (PRODUCT §4.4).
FILLED_ANYWAY = {("opportunity", "name"), ("opportunity", "closing_date"), ("opportunity", "sales_stage")}
BLANK = "__number__"  # stands for the number in the row that the browser copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One target of a row: its select with what can be chosen without scripts, and what is wrong."""

    module: Module
    id: str
    chosen: str
    text: str
    choices: list[Choice]
    errors: list[str]
    missing: list[str]  # options that the target's list lacks
    create_url: str  # where a matching field can be made, if none fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as it is drawn. `position` is its number for people; a removed or blank row has none."""

    id: str
    edited: Edited
    position: int
    state: str  # "new", "changed" or ""
    source: Field | None
    name: str
    cells: list[Cell]
    errors: list[str]
    lead_errors: list[str]
    choices: list[Choice]


@dataclass(frozen=True, kw_only=True)
class Editor:
    """The whole page. `base` are the rows in force under the number `seen`; `plain`: every select holds its choices."""

    edited: Sequence[Edited]
    base: Sequence[Row]
    seen: int
    plain: bool = False
    focus: int | None = None
    fields: Fields = field(default_factory=fields_now)

    @cached_property
    def problems(self) -> Errors:
        """What is wrong, by the rows' numbers in the form."""
        numbers = [one.number for one in kept(self.edited)]
        errors = check(rows_of(self.edited), self.fields)
        return {numbers[index]: found for index, found in errors.items() if index < len(numbers)}

    @cached_property
    def lines(self) -> list[Line]:
        positions = {one.number: place for place, one in enumerate(kept(self.edited), start=1)}
        return [self._line(one, positions.get(one.number, 0)) for one in self.edited]

    def blank(self) -> Line:
        """The row that the browser copies for "Add mapping"."""
        return self._line(Edited(number=-1, row=Row(lead="")), 0)

    def next_number(self) -> int:
        return free_number(self.edited, self.base)

    def _line(self, one: Edited, position: int) -> Line:
        line_id = f"r{one.number}" if one.number >= 0 else f"r{BLANK}"
        source = self.fields["lead"].get(one.row.lead)
        problems = self.problems.get(one.number, {})
        return Line(
            id=line_id,
            edited=one,
            position=position,
            state=self._state(one),
            source=source,
            name=label(self.fields, "lead", one.row.lead),
            cells=[self._cell(line_id, one, module, problems.get(module, [])) for module in TARGETS],
            errors=problems.get("row", []),
            lead_errors=problems.get("lead", []),
            choices=self._sources(one.row.lead),
        )

    def _state(self, one: Edited) -> str:
        if one.number >= len(self.base):
            return "new"
        return "changed" if one.number >= 0 and one.row != self.base[one.number] else ""

    def _cell(self, line_id: str, one: Edited, module: str, errors: list[str]) -> Cell:
        key = one.row.targets().get(module, "")
        source, target = self.fields["lead"].get(one.row.lead), self.fields[module].get(key)
        choices = self._choices(source, module, key) if self.plain else []
        if key and key not in {choice.value for choice in choices}:
            choices = [Choice(value=key, text=label(self.fields, module, key)), *choices]
        has_none = self.plain and source is not None and not choices
        return Cell(
            module=registry.module(module),
            id=f"{line_id}-{module}",
            chosen=key,
            text=label(self.fields, module, key) if key else "",
            choices=choices,
            errors=errors,
            missing=[option.label for option in missing_options(source, target)]
            if source and target and source.kind is target.kind
            else [],
            create_url=create_url(module, source.key) if has_none and source else "",
        )

    def _choices(self, source: Field | None, module: str, key: str) -> list[Choice]:
        """The targets that take the source and are free; for a row without a source all that a mapping can fill."""
        taken = {row.targets().get(module) for row in rows_of(self.edited)} - {key}
        return [
            Choice(value=one.key, text=str(one.label) if source else described(one))
            for one in targets(self.fields, module)
            if one.key not in taken and (source is None or problem(source, one) is None)
        ]

    def _sources(self, key: str) -> list[Choice]:
        if not self.plain:
            return [Choice(value=key, text=label(self.fields, "lead", key))] if key else []
        return [Choice(value=one.key, text=str(one.label)) for one in sources(self.fields)]

    def summary(self) -> list[dict[str, str]]:
        """Every problem as a sentence with the place that it is about."""
        return list(self._summary())

    def _summary(self) -> Iterator[dict[str, str]]:
        for line in self.lines:
            for message in line.lead_errors:
                yield {"id": f"{line.id}-lead", "text": self._place(line, _("Lead field"), message)}
            for message in line.errors:
                yield {"id": f"{line.id}-{TARGETS[0]}", "text": self._place(line, "", message)}
            for cell in line.cells:
                for message in cell.errors:
                    yield {"id": cell.id, "text": self._place(line, str(cell.module.label), message)}

    def _place(self, line: Line, column: str, message: str) -> str:
        values = {"row": show_number(line.position), "name": line.name, "column": column, "message": message}
        if not column or not line.name:
            return _("Row %(row)s: %(message)s") % values
        return _("Row %(row)s, %(name)s → %(column)s: %(message)s") % values

    def summary_title(self) -> str:
        count = len(self.problems)
        return ngettext(
            "The mapping was not saved. %(count)s row needs a change.",
            "The mapping was not saved. %(count)s rows need a change.",
            count,
        ) % {"count": show_number(count)}

    @cached_property
    def coverage(self) -> dict[str, int]:
        """How many lead fields reached a target before, how many are added by these edits, and of how many."""
        keys = {one.key for one in mappable()}
        wrong = {number for number, found in self.problems.items() if found}
        now = {one.row.lead for one in kept(self.edited) if one.number not in wrong} & keys
        saved = {row.lead for row in self.base} & now
        whole = max(len(keys), 1)
        return {
            "total": len(keys),
            "saved": len(saved),
            "added": len(now - saved),
            "reached": len(now),
            "saved_percent": round(100 * len(saved) / whole),
            "added_percent": round(100 * len(now - saved) / whole),
        }

    def uncovered(self) -> list[tuple[Module, Field, bool]]:
        """The mandatory fields that no row fills, and whether a conversion fills them by default."""
        return uncovered(rows_of(self.edited), self.fields)

    def counts(self) -> dict[str, str]:
        """How many rows were added, changed and removed, written as numbers."""
        states = [line.state for line in self.lines if not line.edited.is_removed and not line.edited.is_blank]
        removed = sum(1 for one in self.edited if one.is_removed and one.number < len(self.base))
        numbers = {"added": states.count("new"), "changed": states.count("changed"), "removed": removed}
        return {name: show_number(number) for name, number in numbers.items()}


def uncovered(rows: Sequence[Row], fields: Fields) -> list[tuple[Module, Field, bool]]:
    """The mandatory fields of the targets that no row fills, and whether a conversion fills them by default."""
    taken = {pair for row in rows for pair in row.targets().items()}
    return [
        (registry.module(module), one, (module, one.key) in FILLED_ANYWAY or not is_empty(one.default))
        for module in TARGETS
        for one in targets(fields, module)
        if one.required and (module, one.key) not in taken
    ]


def sources(fields: Fields) -> list[Field]:
    """The lead fields that a row can carry."""
    return [one for one in fields["lead"].values() if one.kind is not LINK and one.kind is not USER]


def targets(fields: Fields, module: str) -> list[Field]:
    """The fields of a module that a row can fill."""
    return [
        one for one in fields[module].values() if not one.read_only and one.kind is not LINK and one.kind is not USER
    ]


def described(one: Field) -> str:
    """A field with its type and size: Mailing city (Text 40)."""
    return _("%(field)s (%(type)s)") % {"field": one.label, "type": type_text(one)}


def type_text(one: Field) -> str:
    """A field's type and size: Text 40."""
    sizes = [show_number(int(part)) for part in one.size().split(",") if part]
    return f"{one.kind.label} {_(', ').join(sizes)}".strip()


def create_url(module: str, lead_key: str) -> str:
    """Where a field like this lead field can be made on another module."""
    return f"{reverse('settings-fields', args=[registry.module(module).slug])}new/?like=lead.{lead_key}"
