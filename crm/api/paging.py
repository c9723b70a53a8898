"""Cursor paging: {"next", "previous", "results"}, stable while rows come and go."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crm.lists.paging import Sort, page


class Cursor(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("-created_at", "-id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except OverflowError:  # a forged cursor with a moment that SQLite can't turn to UTC
            raise exceptions.NotFound(self.invalid_cursor_message) from None

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """The order that the view read from the address, else the newest first."""
        return tuple(getattr(view, "order", self.ordering))


def sorted_page(records: QuerySet[Any], sort: Sort, request: Request, serialize: Any) -> Response:
    """A page in the order of one field, those without a value last. Raises NotFound for a cursor that is none of ours."""
    cursor = request.query_params.get("cursor", "")
    side, _mark, text = cursor.partition(".")
    if cursor and side not in ("after", "before"):
        raise exceptions.NotFound("Invalid cursor")
    size = Cursor().get_page_size(request) or Cursor.page_size
    found = page(records, sort, size=size, **{side: text} if cursor else {})
    here = request.build_absolute_uri()
    links = {
        name: replace_query_param(here, "cursor", f"{direction}.{at}") if at else None
        for name, direction, at in (("next", "after", found.next), ("previous", "before", found.previous))
    }
    return Response({**links, "results": serialize(found.rows)})
