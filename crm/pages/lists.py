"""The list of a module as a page: tabs, filters, columns, rows and pages of a selection."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import dictionary, registry
from crm.fields.conditions import ME
from crm.kit.numbers import show_number
from crm.lists.paging import COUNT_LIMIT, SIZES, Page, capped_count, page
from crm.lists.selection import FILTERS, NAME, Selection
from crm.matching.keys_in_common import duplicates_among
from crm.pages.builder import Builder, Chip, chips
from crm.pages.cells import Cell, cell
from crm.pages.forms import StatusForm
from crm.records.base import Mergeable

EDIT = "edit"  # in the address: the record whose status is open
START = "from"  # in the address: the place of the page's first row
TRAIL, TRAIL_LENGTH = "in", 2000  # in a record's address: the list from which it was opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A view: its key in the address, its label and its count, where it is counted."""

    key: str
    label: str | Promise
    count: int | None = None
    is_current: bool = False
    is_shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading; `address` sorts by it, `state` is what aria-sort says."""

    key: str
    label: str | Promise
    address: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    record: Any
    url: str
    subtitle: str
    cells: list[Cell]
    is_ready: bool
    is_possible_duplicate: bool
    status: StatusForm | None  # open in the cell of the status

    @property
    def look(self) -> str:
        """Of the status, where no administrator gave it a colour."""
        return "ok" if self.is_ready else "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What the user may do with the list's records, on the bar for ticked rows and in each row's menu."""

    change: bool
    delete: bool
    merge: bool
    convert: bool
    export: bool

    @property
    def any_of_many(self) -> bool:
        """Whether rows can be ticked."""
        return self.change or self.convert or self.export


@dataclass(frozen=True)
class ListPage(Selection):
    """One page of a selection. `status` is a form that came back with something to mend."""

    status: StatusForm | None = None

    @cached_property
    def rights(self) -> Rights:
        may = {action: self.user.has_perm(self.module.permission(action)) for action in ("change", "delete", "convert")}
        return Rights(
            change=may["change"],
            delete=may["delete"],
            merge=may["change"] and issubclass(self.module.model, Mergeable),
            convert=may["convert"] and may["change"],
            export=self.user.has_perm("lists.export_records"),
        )

    @cached_property
    def here(self) -> str:
        """The query string of this very page, without what is open in it."""
        query = self.asked.copy()
        query.pop(EDIT, None)
        return "?" + query.urlencode()

    @cached_property
    def editing(self) -> str:
        """The address in which the status of the record whose key is put behind it is open."""
        return f"{self.here}{'&' if len(self.here) > 1 else ''}{EDIT}="

    def _status(self, record: Any) -> StatusForm | None:
        """The open form for the status of this record."""
        if self.status and self.status.record.pk == record.pk:
            return self.status
        is_open = self.rights.change and self.module.status_field and self.asked.get(EDIT) == str(record.pk)
        return StatusForm(record, self.user) if is_open else None

    @cached_property
    def tabs(self) -> list[Tab]:
        """The tabs with their counts, all in one statement, and behind them the saved views."""
        labels = tab_labels(self.module)
        counted = {key: Count("pk", filter=asked) for key, asked in self.tab_conditions.items() if key != "all"}
        counts = self.visible.filter(assigned_to=self.user.pk).aggregate(**counted)
        order = sorted(self.tab_conditions, key=lambda key: key == "all")
        return [
            *(
                Tab(key=key, label=labels[key], count=counts.get(key), is_current=not self.view and key == self.tab)
                for key in order
            ),
            *(
                Tab(key=view.key, label=view.name, is_current=view == self.view, is_shared=view.is_shared)
                for view in self.views
                if view.name
            ),
        ]

    @property
    def may_save(self) -> bool:
        """Tell whether the open view is the user's own, to be saved as it is now."""
        return bool(self.view and self.view.owner_id == self.user.pk)

    def status_options(self) -> list[dict[str, Any]]:
        """The values of the status filter."""
        labels = dictionary.labels(self.status_list) if self.status_list else {}
        return [
            {"value": value, "label": label, "is_chosen": value in self.statuses} for value, label in labels.items()
        ]

    def owner_options(self) -> list[dict[str, Any]]:
        known: list[tuple[int | str, str]] = [(ME, _("Me")), *self.users.items()]
        return [{"value": key, "label": name, "is_chosen": key == self.owner} for key, name in known]

    def chips(self) -> list[Chip]:
        return list(chips(self))

    @cached_property
    def builder(self) -> Builder:
        return Builder(self)

    def carried(self) -> list[tuple[str, str]]:
        """What the form of the usual filters has to carry along, for it does not show it."""
        return [(key, text) for key, text in self.builder.kept() if key not in ("q", "status", "owner", "sort")]

    @property
    def unfiltered(self) -> str:
        return self.address(**dict.fromkeys(FILTERS, ()))

    @property
    def all_of_them(self) -> str:
        return self.address(match=[])

    @property
    def any_of_them(self) -> str:
        return self.address(match=["any"])

    @property
    def export_csv(self) -> str:
        return f"export/{self.address(form=['csv'])}"

    @property
    def export_xlsx(self) -> str:
        return f"export/{self.address(form=['xlsx'])}"

    @property
    def export_shown(self) -> str:
        return f"export/{self.address(form=['csv'], columns=['shown'])}"

    def sort_options(self) -> list[dict[str, Any]]:
        """The orders to choose from where headings can't be pressed: by each column shown, both ways."""
        sortable = {field.key: field.label for field in self.sorts()}
        shown = {field.key: field.label for field in self.columns if field.key in sortable}
        labels = {NAME: self.module.label, "created_at": sortable["created_at"], **shown}
        if self.sort.key in sortable:
            labels.setdefault(self.sort.key, sortable[self.sort.key])
        ways = (("", _("%(field)s, ascending")), ("-", _("%(field)s, descending")))
        return [
            {"value": sign + key, "label": text % {"field": label}, "is_chosen": sign + key == self.sort.parameter}
            for key, label in labels.items()
            for sign, text in ways
        ]

    sizes = SIZES

    @cached_property
    def size(self) -> int:
        wanted = self.asked.get("size", "")
        return int(wanted) if wanted in {str(size) for size in SIZES} else SIZES[0]

    @cached_property
    def page(self) -> Page:
        after, before = self.asked.get("after", ""), self.asked.get("before", "")
        return page(self.found.select_related(*self.links()), self.sort, size=self.size, after=after, before=before)

    @property
    def previous(self) -> str:
        start = [max(1, self.start - self.size)] if self.start else []
        return self.address(before=[self.page.previous], **{START: start}) if self.page.previous else ""

    @property
    def next(self) -> str:
        start = [self.start + len(self.page.rows)] if self.start else []
        return self.address(after=[self.page.next], **{START: start}) if self.page.next else ""

    @cached_property
    def start(self) -> int:
        """The place of the page's first row as the address says, for a page doesn't count what is before it; 0 if not known."""
        if not self.page.previous:
            return 1
        wanted = self.asked.get(START, "")
        return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0

    @cached_property
    def trail(self) -> str:
        """What to hang on a record's address, so that its page leads back here."""
        address = self.address().removeprefix("?")
        return "?" + urlencode({TRAIL: address}) if len(address) <= TRAIL_LENGTH else ""

    def rows(self) -> Iterator[Row]:
        ready = self.module.extra.get("ready", {})
        duplicates = duplicates_among(self.module.key, [record.pk for record in self.page.rows])
        for record in self.page.rows:
            subtitle = getattr(record, self.module.extra.get("subtitle", ""), "")
            cells = [cell(record, field, self.user) for field in self.columns]
            is_ready = bool(ready) and all(getattr(record, key) == value for key, value in ready.items())
            yield Row(
                record=record,
                url=record.get_absolute_url(),
                subtitle=str(subtitle or ""),
                cells=cells,
                is_ready=is_ready,
                is_possible_duplicate=record.pk in duplicates,
                status=self._status(record),
            )

    def headings(self) -> list[Column]:
        """The columns' headings; all but multi-selects sort."""
        sortable = {field.key for field in self.sorts()}
        name = Column(key=NAME, label=self.module.label, address=self._sorted(NAME), state=self._state(NAME))
        return [
            name,
            *(
                Column(
                    key=field.key,
                    label=field.label,
                    address=self._sorted(field.key) if field.key in sortable else "",
                    state=self._state(field.key),
                )
                for field in self.columns
            ),
        ]

    def _sorted(self, key: str) -> str:
        is_ascending = key == self.sort.key and not self.sort.descending
        return self.address(sort=[f"-{key}" if is_ascending else key])

    def _state(self, key: str) -> str:
        return "" if key != self.sort.key else "descending" if self.sort.descending else "ascending"

    @cached_property
    def count(self) -> tuple[int, bool]:
        """How many records there are, counted up to a limit, and whether there are more."""
        if self.page.total is None:
            return capped_count(self.found)
        return min(self.page.total, COUNT_LIMIT), self.page.total > COUNT_LIMIT


TAB_LABELS = {
    "all": gettext_lazy("All"),
    "mine": gettext_lazy("Mine"),
    "ready": gettext_lazy("Ready to convert"),
    "today": gettext_lazy("New today"),
    "stale": gettext_lazy("No activity for 7 days"),
}


def tab_labels(module: registry.Module) -> dict[str, Any]:
    """What the ready-made views of the module are called."""
    return {**TAB_LABELS, **module.extra.get("tab_labels", {})}


class Counted(Protocol):
    """A list that knows how long it is, and whether it is longer than that."""

    @property
    def count(self) -> tuple[int, bool]: ...


def summary(listing: Counted) -> str:
    """The line below the list: which of how many are shown, where that is known."""
    count, is_more = listing.count
    if isinstance(listing, ListPage) and listing.start and not is_more:
        last = listing.start + len(listing.page.rows) - 1
        numbers = {"first": listing.start, "last": last, "count": max(count, last)}
        return _("%(first)s–%(last)s of %(count)s") % {key: show_number(number) for key, number in numbers.items()}
    text = _("More than %(count)s records") if is_more else _("%(count)s records")
    return text % {"count": show_number(count)}
