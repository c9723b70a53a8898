"""What an import did, row by row where something is wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was not taken. Rows are counted as in the file: the first behind the header is 2."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        return _("Row %(row)s, column %(column)s: %(reason)s") % {
            "row": self.row,
            "column": self.column or "—",
            "reason": self.reason,
        }


@dataclass(slots=True, kw_only=True)
class Report:
    total: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    bad: list[BadRow] = field(default_factory=list)
    without_field: list[str] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)
    matched: dict[str, str] = field(default_factory=dict)
    new_fields: dict[str, str] = field(default_factory=dict)  # the kind by the column's title
    is_dry_run: bool = False

    @property
    def bad_rows(self) -> int:
        return len({bad.row for bad in self.bad})

    @property
    def is_complete(self) -> bool:
        """Tell whether every row went in, or was there already and was meant to be skipped."""
        return not self.bad

    def notice_counts(self) -> list[tuple[str, int]]:
        """What was noticed, and how often."""
        return list(self.notices.items())

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield from (str(bad) for bad in self.bad)
        if self.new_fields:
            fields = (f"{title} ({kind})" for title, kind in self.new_fields.items())
            yield _("New fields: %(fields)s.") % {"fields": _(", ").join(fields)}
        if self.without_field:
            yield _("Columns without a field, kept in a note: %(columns)s.") % {
                "columns": _(", ").join(self.without_field)
            }
        for notice, count in self.notice_counts():
            yield _("%(notice)s (%(count)s times)") % {"notice": notice, "count": count}
        if self.is_dry_run:
            yield _("Dry run: nothing was written.")
        numbers = {
            "total": self.total,
            "created": self.created,
            "updated": self.updated,
            "skipped": self.skipped,
            "bad": self.bad_rows,
        }
        yield (
            _("%(total)s rows: %(created)s created, %(updated)s updated, %(skipped)s skipped, %(bad)s not taken.")
            % numbers
        )
