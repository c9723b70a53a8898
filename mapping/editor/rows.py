"""The rows that somebody is editing: as a form posts them, as a table that isn't saved yet, and two people's edits brought together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mapping.checking import LOCKED
from mapping.rows import TARGETS, Row

NUMBER = re.compile(r"r(\d{1,5})-(?:lead|locked)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A row in the editor. `number` names it in the form: the place in the saved table, or behind it for a new row."""

    number: int
    row: Row
    is_removed: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.row.lead and not self.row.targets()


def kept(edited: Sequence[Edited]) -> list[Edited]:
    """The rows that would be saved: neither removed nor left blank."""
    return [one for one in edited if not one.is_removed and not one.is_blank]


def rows_of(edited: Sequence[Edited]) -> list[Row]:
    return [one.row for one in kept(edited)]


def unchanged(rows: Sequence[Row]) -> list[Edited]:
    """The saved table as the editor opens it."""
    return [Edited(number=number, row=row) for number, row in enumerate(rows)]


def posted(post: Any) -> list[Edited]:
    """Read the form. What the system's rows hold is not taken from it; one that is missing is put in front."""
    numbers = sorted({int(found[1]) for name in post if (found := NUMBER.fullmatch(name))})
    locked = {row.lead: row for row in LOCKED}
    edited = []
    for number in numbers:
        lead = post.get(f"r{number}-lead", "")[:62]
        if f"r{number}-locked" in post:
            if row := locked.pop(post[f"r{number}-locked"], None):
                edited.append(Edited(number=number, row=row))
            continue
        cells = {module: post.get(f"r{number}-{module}", "")[:62] or None for module in TARGETS}
        edited.append(Edited(number=number, row=Row.of(lead, cells), is_removed=f"r{number}-remove" in post))
    edited.sort(key=lambda one: one.is_blank)
    missing = [Edited(number=free_number(edited) + place, row=row) for place, row in enumerate(locked.values())]
    return [*missing, *edited]


def free_number(edited: Sequence[Edited], base: Sequence[Row] = ()) -> int:
    """A number that no row has."""
    return max([len(base), *(one.number + 1 for one in edited)])


def align(rows: Sequence[Row], base: Sequence[Row]) -> list[Edited]:
    """Show `rows` as edits of the saved table: what it holds besides is removed, what it lacks is added. Locked rows stay."""
    left = list(rows)
    edited = []
    for number, row in enumerate(base):
        is_there = row in left
        if is_there:
            left.remove(row)
        edited.append(Edited(number=number, row=row, is_removed=not is_there and not row.locked))
    new = [row for row in left if not row.locked]
    return edited + [Edited(number=len(base) + place, row=row) for place, row in enumerate(new)]


def merge(mine: Sequence[Row], seen: Sequence[Row], theirs: Sequence[Row]) -> list[Edited]:
    """Bring my edits of the table that I saw to the one that somebody saved meanwhile: nothing of either is overwritten.

    Where both changed the same row, both versions stand there, and the rules say what can't stay.
    """
    removed = [row for row in seen if row not in mine]
    added = [row for row in mine if row not in seen and row not in theirs]
    return align([*(row for row in theirs if row not in removed), *added], theirs)
