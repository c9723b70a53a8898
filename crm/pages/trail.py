"""The list from which a record's page was opened: the way back to it, and its neighbours there."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from crm.lists.paging import neighbours
from crm.lists.selection import Selection
from crm.pages.lists import TRAIL, TRAIL_LENGTH, tab_labels


@dataclass(frozen=True)
class Trail:
    """A list, as the address of one of its records names it; it is checked like the list's own address."""

    request: HttpRequest
    record: Any

    @cached_property
    def selection(self) -> Selection:
        return Selection(self.request.user, self.record.module, QueryDict(self.query))

    @property
    def query(self) -> str:
        return self.request.GET[TRAIL][:TRAIL_LENGTH]

    @property
    def label(self) -> Any:
        """The name of the view."""
        view = self.selection.view
        return view.name if view else tab_labels(self.record.module)[self.selection.tab]

    @property
    def address(self) -> str:
        return f"/{self.record.module.slug}/{self.selection.address()}"

    @cached_property
    def _beside(self) -> tuple[Any, Any]:
        return neighbours(self.selection.found, self.selection.sort, self.record.pk)

    @property
    def previous(self) -> Any:
        return self._beside[0]

    @property
    def next(self) -> Any:
        return self._beside[1]


def carry(request: HttpRequest, address: str) -> str:
    """An address in which the list stays named, if this page's own address names one."""
    if not (query := request.GET.get(TRAIL, "")[:TRAIL_LENGTH]):
        return address
    page, mark, place = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{urlencode({TRAIL: query})}{mark}{place}"


def trail(request: HttpRequest, record: Any) -> Trail | None:
    """The list that the address names, if it names one."""
    return Trail(request, record) if request.GET.get(TRAIL) else None
