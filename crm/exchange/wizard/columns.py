"""What is known of a file's columns, and where each is proposed to go: told from its title, or from its values."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.exchange import cells
from crm.exchange.dialect import Table, UnreadableFile
from crm.exchange.guessing import guess
from crm.exchange.headers import importable, is_ours, is_vtiger, left_out, match
from crm.exchange.importing import IN_NOTE, LEAVE_OUT, NEW_FIELD
from crm.fields import dictionary, registry
from crm.fields.definition import check_labels
from crm.fields.kinds import DATE, DATETIME
from crm.fields.naming import tidy_labels
from crm.kit.fold import fold
from crm.kit.text import is_blank

SHOWN = 3  # values that the page shows of a column …
TESTED = 20  # … and against which a chosen field is tried
LONGEST = 300  # characters that are kept of such a value
BY_HEADER, BY_VALUES, AS_BEFORE = "header", "values", "before"
# The fields that take a column of this kind if no title claimed them.
BY_KIND = {"email": ("email", "secondary_email"), "url": ("website",), "phone": ("phone", "mobile")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its title, some of its values, and the kind of field that would be made of it ("" if it is empty)."""

    title: str
    samples: Sequence[str]
    kind: str = ""

    @property
    def shown(self) -> Sequence[str]:
        return self.samples[:SHOWN]


def look_at(table: Table) -> list[Column]:
    """The columns of a table. Raises UnreadableFile where it can't be imported, with what to do."""
    if len(table.header) < 2:
        raise UnreadableFile(
            _("This file has one column only. Save it with commas, semicolons or tabs between the columns.")
        )
    if not table.rows:
        raise UnreadableFile(_("This file has a header and no rows."))
    vtiger = is_vtiger(table.header)
    return [_column(table, place, is_vtiger=vtiger) for place in range(len(table.header))]


def _column(table: Table, place: int, *, is_vtiger: bool) -> Column:
    texts = [row[place] for row in table.rows if place < len(row) and not is_blank(row[place])]
    texts = [cells.unescape(text) for text in texts] if is_vtiger else texts
    found = guess(texts)
    samples = list(dict.fromkeys(storable(text)[:LONGEST] for text in texts[:1000]))[:TESTED]
    title = storable(table.header[place])[:LONGEST]
    return Column(title=title, samples=samples, kind=found.kind.key if found else "")


def storable(text: str) -> str:
    """The text without what no database holds."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def digest(header: Sequence[str]) -> str:
    """By which a header is known again."""
    return hashlib.sha256("\x1f".join(fold(title) for title in header).encode()).hexdigest()


def propose(columns: Sequence[Column], module: registry.Module) -> tuple[list[str], list[str]]:
    """Where each column may go, and why: by its title, else by its values, else into a note."""
    header = [column.title for column in columns]
    by_title = {place: field.key for place, field in match(header, module).items()}
    unused = left_out(header, module)
    choices, hows = [], []
    taken = set(by_title.values())
    for place, column in enumerate(columns):
        key, how = by_title.get(place), BY_HEADER
        if place in unused:
            key = LEAVE_OUT
        elif key is None and (key := _by_values(column, module, taken)):
            how = BY_VALUES
            taken.add(key)
        choices.append(key or IN_NOTE)
        hows.append(how if key else "")
    return choices, hows


def _by_values(column: Column, module: registry.Module, taken: set[str]) -> str | None:
    keys = BY_KIND.get(column.kind, ())
    return next((key for key in keys if key in module.fields and key not in taken), None)


def recall(choices: Sequence[str], columns: Sequence[Column], module: registry.Module) -> tuple[list[str], list[str]]:
    """The choices of the last time, as far as their fields are still there; else what is proposed now."""
    proposed, hows = propose(columns, module)
    if len(choices) != len(columns):
        return proposed, hows
    for place, choice in enumerate(choices):
        if is_possible(choice, columns[place], module):
            proposed[place], hows[place] = choice, AS_BEFORE
    return proposed, hows


def is_possible(choice: str, column: Column, module: registry.Module) -> bool:
    """Whether the column can go there."""
    if choice == NEW_FIELD:
        return bool(column.title and column.kind)
    if choice in (IN_NOTE, LEAVE_OUT):
        return True
    return choice in module.fields and importable(module.fields[choice])


def problems(choices: Sequence[str], columns: Sequence[Column], module: registry.Module) -> dict[int | None, str]:
    """What is wrong with the choices, by the column's place; None for what concerns all: a field that nothing goes to."""
    found: dict[int | None, str] = {}
    first: dict[str, int] = {}
    new: set[str] = set()
    for place, (choice, column) in enumerate(zip(choices, columns, strict=True)):
        if not is_possible(choice, column, module):
            found[place] = _("Choose where this column goes.")
        elif choice == NEW_FIELD:
            if text := _unfit_label(column.title, new, module):
                found[place] = text
            new.add(fold(column.title))
        elif choice in first:
            label, other = module.fields[choice].label, name(columns, first[choice])
            text = _("“%(field)s” is taken by the column “%(column)s”. A field takes one column.")
            found[place] = text % {"field": label, "column": other}
        elif not choice.startswith("+"):
            first[choice] = place
    for field in module.editable():
        if field.required and field.key != "assigned_to" and field.key not in choices:
            text = _("Choose the column that goes to “%(field)s”: no lead can be without it.")
            found.setdefault(None, text % {"field": field.label})
    return found


def _unfit_label(title: str, others: set[str], module: registry.Module) -> str:
    """Why no field can be made with this title; "" if one can."""
    if fold(title) in others:
        return _("Another new field has this title. Give the column another title in the file, or keep it in a note.")
    try:
        check_labels(module, *tidy_labels(title, title))
    except ValidationError as error:
        return cells.reason(error)
    return ""


def name(columns: Sequence[Column], place: int) -> str:
    """The column's title; its number if it has none."""
    return columns[place].title or _("Column %(number)s") % {"number": place + 1}


def misfit(column: Column, field: registry.Field, header: Sequence[str]) -> str:
    """Say of a value that the field doesn't take why, if there is one among those that are known; else nothing."""
    vtiger, ours = is_vtiger(header), is_ours(header)
    day_first = field.kind in (DATE, DATETIME) and cells.is_day_first(column.samples) is not False
    for sample in column.samples:
        if field.key == "assigned_to" or len(sample) >= LONGEST:
            continue
        try:
            cells.value(sample, field, is_vtiger=vtiger, is_ours=ours, day_first=day_first)
        except ValidationError as error:
            return _("“%(value)s”: %(reason)s") % {"value": sample, "reason": cells.reason(error)}
    unknown = _unknown_option(column, field)
    text = _("“%(value)s” is not in the list of this field; it is kept as it is.")
    return text % {"value": unknown} if unknown else ""


def _unknown_option(column: Column, field: registry.Field) -> str:
    if not field.kind.chooses:
        return ""
    known = dictionary.labels(field.list_key)
    values: list[Any] = [part.strip() for sample in column.samples for part in sample.split("|##|")]
    return next((value for value in values if value and cells.option(value, field) not in known), "")
