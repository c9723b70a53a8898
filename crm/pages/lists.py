"""The list of a module: tabs, search, filters, sorting and pages, all in the address."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import dictionary, kinds, registry
from crm.kit.numbers import show_number
from crm.matching.keys_in_common import duplicates_among
from crm.pages.cells import Cell, cell
from crm.pages.paging import SIZES, Page, Sort, capped_count, page
from crm.people.models import User
from crm.related.quiet import is_quiet

SORTABLE_KINDS = (kinds.PICKLIST, kinds.DATETIME)
NAME_COLUMN = "sort_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A predefined view: its key in the address, its label and its count, where it is counted."""

    key: str
    label: str | Promise
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading; `sort` is the parameter that sorts by it, `state` what aria-sort says."""

    key: str
    label: str | Promise
    sort: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    record: Any
    subtitle: str
    cells: list[Cell]
    is_ready: bool
    is_possible_duplicate: bool


@dataclass(frozen=True)
class ListPage:
    """One page of a module's records, as the request asks for it and its user may see it."""

    request: HttpRequest
    module: registry.Module

    @property
    def user(self) -> Any:
        return self.request.user

    @cached_property
    def visible(self) -> Any:
        return self.module.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]

    @cached_property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self._conditions else "all"

    @cached_property
    def _conditions(self) -> dict[str, Q]:
        """The tabs' conditions. All but "all" are the user's own records, so that counting them is cheap."""
        mine = Q(assigned_to=self.user.pk)
        conditions = {"all": Q(), "mine": mine}
        if ready := self.module.extra.get("ready"):
            midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            conditions |= {"ready": mine & Q(**ready), "today": mine & Q(created_at__gte=midnight)}
            conditions["stale"] = mine & is_quiet(self.module.key)
        return conditions

    def tabs(self) -> list[Tab]:
        """The tabs with their counts, all in one statement."""
        labels = {**TAB_LABELS, **self.module.extra.get("tab_labels", {})}
        counted = {key: Count("pk", filter=condition) for key, condition in self._conditions.items() if key != "all"}
        counts = self.visible.filter(assigned_to=self.user.pk).aggregate(**counted)
        order = sorted(self._conditions, key=lambda key: key == "all")
        return [Tab(key=key, label=labels[key], count=counts.get(key), is_current=key == self.tab) for key in order]

    @cached_property
    def text(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").strip()[:200]

    @cached_property
    def statuses(self) -> list[str]:
        return [value for value in self.request.GET.getlist("status") if value in dictionary.labels(self._status_list)]

    @property
    def _status_list(self) -> str:
        field = self.module.fields.get(self.module.status_field)
        return field.list_key if field else ""

    def status_options(self) -> list[dict[str, Any]]:
        """The values of the status filter."""
        labels = dictionary.labels(self._status_list) if self._status_list else {}
        return [
            {"value": value, "label": label, "is_chosen": value in self.statuses} for value, label in labels.items()
        ]

    @cached_property
    def owner(self) -> int | None:
        wanted = self.request.GET.get("owner", "")
        return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None

    def owner_options(self) -> list[dict[str, Any]]:
        users = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        return [{"value": user.pk, "label": str(user), "is_chosen": user.pk == self.owner} for user in users]

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.statuses or self.owner)

    @cached_property
    def found(self) -> Any:
        """The records of this view, unsorted."""
        records = self.visible.filter(self._conditions[self.tab])
        if self.text:
            records = records.matching(self.text)
        if self.statuses:
            records = records.filter(**{f"{self.module.status_field}__in": self.statuses})
        return records.filter(assigned_to=self.owner) if self.owner else records

    def _sorts(self) -> dict[str, str]:
        """The columns that may be sorted by: parameter → model column. Nothing else of the address reaches the database."""
        fields = self.module.fields
        known = (key for key in (*self.module.columns, "created_at") if key in fields)
        return {
            "name": NAME_COLUMN,
            **{key: key for key in known if fields[key].kind in SORTABLE_KINDS and not fields[key].custom},
        }

    @cached_property
    def sort(self) -> Sort:
        wanted = self.request.GET.get("sort", "-created_at")
        key = wanted.removeprefix("-")
        sorts = self._sorts()
        if key not in sorts:
            return Sort(key="created_at", column="created_at", descending=True)
        return Sort(key=key, column=sorts[key], descending=wanted.startswith("-"))

    sizes = SIZES

    @cached_property
    def size(self) -> int:
        wanted = self.request.GET.get("size", "")
        return int(wanted) if wanted in {str(size) for size in SIZES} else SIZES[0]

    @cached_property
    def page(self) -> Page:
        get = self.request.GET
        fields = self.module.fields
        links = [key for key in self.module.columns if key in fields and fields[key].kind in (kinds.LINK, kinds.USER)]
        links += [key for key in self.module.extra.get("subtitle_links", ()) if key not in links]
        records = self.found.select_related(*links)
        return page(records, self.sort, size=self.size, after=get.get("after", ""), before=get.get("before", ""))

    def rows(self) -> Iterator[Row]:
        fields = self.module.fields
        ready = self.module.extra.get("ready", {})
        duplicates = duplicates_among(self.module.key, [record.pk for record in self.page.rows])
        for record in self.page.rows:
            subtitle = getattr(record, self.module.extra.get("subtitle", ""), "")
            cells = [cell(record, fields[key], self.user) for key in self.module.columns if key in fields]
            is_ready = bool(ready) and all(getattr(record, key) == value for key, value in ready.items())
            yield Row(
                record=record,
                subtitle=str(subtitle or ""),
                cells=cells[self._first :],
                is_ready=is_ready,
                is_possible_duplicate=record.pk in duplicates,
            )

    @property
    def _first(self) -> int:
        """1 where the first column is the record's own name field, which the title shows already."""
        return 1 if self.module.columns[0] in self.module.fields else 0

    def columns(self) -> list[Column]:
        fields, sorts = self.module.fields, self._sorts()
        keys = ["name", *[key for key in self.module.columns[1:] if key in fields]]
        return [
            Column(
                key=key,
                label=self.module.label if key == "name" else fields[key].label,
                sort=self._next_sort(key) if key in sorts else "",
                state=self._state(key),
            )
            for key in keys
        ]

    def _next_sort(self, key: str) -> str:
        return f"-{key}" if key == self.sort.key and not self.sort.descending else key

    def _state(self, key: str) -> str:
        return "" if key != self.sort.key else "descending" if self.sort.descending else "ascending"

    @cached_property
    def count(self) -> tuple[int, bool]:
        return capped_count(self.found)


TAB_LABELS = {
    "all": gettext_lazy("All"),
    "mine": gettext_lazy("Mine"),
    "ready": gettext_lazy("Ready to convert"),
    "today": gettext_lazy("New today"),
    "stale": gettext_lazy("No activity for 7 days"),
}


class Counted(Protocol):
    """A list that knows how long it is, and whether it is longer than that."""

    @property
    def count(self) -> tuple[int, bool]: ...


def summary(listing: Counted) -> str:
    """The line below the list."""
    count, is_more = listing.count
    text = _("More than %(count)s records") if is_more else _("%(count)s records")
    return text % {"count": show_number(count)}
