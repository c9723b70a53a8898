"""Leads, organizations, contacts and opportunities over HTTP: list, read, create, change, delete."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.errors import Gone
from crm.api.fields import parse, serializer_for
from crm.api.filters import filtered, ordering, sort
from crm.api.paging import Cursor, sorted_page
from crm.fields import registry
from crm.related import filing, merging

LIST_PARAMETERS = [
    OpenApiParameter("search", str, description="Words that the record holds, in any spelling."),
    OpenApiParameter(
        "ordering",
        str,
        description="A field's key, custom ones too; “-” in front for descending. Empty values come last.",
    ),
    OpenApiParameter(
        "{field}",
        str,
        description="Any field's key, for instance lead_status=Hot or cf_budget__gte=10. Behind the key: __gte, __lte, __gt, __lt "
        "(numbers, dates and times), __contains, __startswith (texts), __in (options and links, with commas), __not, __isnull=true.",
    ),
]


class RecordViewSet(viewsets.GenericViewSet[Any]):
    """One module's collection. Everything is done in the caller's name and within what the caller may see."""

    module_key = ""
    pagination_class = Cursor
    lookup_value_converter = "key"

    @property
    def module(self) -> registry.Module:
        return registry.module(self.module_key)

    def check(self, action: str) -> None:
        if not self.request.user.has_perm(self.module.permission(action)):
            raise exceptions.PermissionDenied

    def get_queryset(self) -> QuerySet[Any]:
        return self.module.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined,no-any-return]

    def get_object(self) -> Any:
        record = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if record is None:
            raise self.missing(int(self.kwargs["pk"]))
        return record

    def missing(self, pk: int) -> Exception:
        """What to answer for a record that isn't there for the caller: 410 with where it went if it was merged, else 404."""
        target = merging.forwarding(self.module.model, pk, self.request.user)
        if target is None:
            return Http404()
        return Gone({"detail": f"This record was merged into {target.number}.", "merged_into": target.pk})

    def list(self, request: Request) -> Response:
        self.check("view")
        records = filtered(self.get_queryset(), self.module, request.query_params)
        if order := sort(self.module, request.query_params):
            return sorted_page(records, order, request, lambda rows: self.get_serializer(rows, many=True).data)
        self.order = ordering(self.module, request.query_params)
        page = self.paginate_queryset(records)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        record = self.get_object()
        self.check("view")
        return Response(self.get_serializer(record).data)

    def create(self, request: Request) -> Response:
        self.check("add")
        record = self.build(parse(self.module, request.data))
        filing.create(record, by=request.user)
        location = {"Location": request.build_absolute_uri(f"{request.path}{record.pk}/")}
        return Response(self.get_serializer(record).data, status=status.HTTP_201_CREATED, headers=location)

    def build(self, values: dict[str, Any]) -> Any:
        """Make the record in memory: defaults first, then what was sent."""
        record: Any = self.module.model()
        defaults = {field.key: field.default for field in self.module.editable() if field.default is not None}
        for key, value in {**defaults, **values}.items():
            self.module.fields[key].set(record, value)
        return record

    def partial_update(self, request: Request, pk: int) -> Response:
        record = self.get_object()
        self.check("change")
        fresh = filing.edit(record, parse(self.module, request.data), by=request.user)
        return Response(self.get_serializer(fresh).data)

    def destroy(self, request: Request, pk: int) -> Response:
        record = self.get_object()
        self.check("delete")
        filing.delete(record, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def record_views(key: str, base: type[RecordViewSet] = RecordViewSet) -> type[RecordViewSet]:
    """The collection of a module, described for the schema."""
    described = extend_schema_view(list=extend_schema(parameters=LIST_PARAMETERS))
    attributes = {
        "module_key": key,
        "serializer_class": serializer_for(key),
        "queryset": registry.module(key).model._default_manager.none(),
    }
    return described(type(f"{key.title()}ViewSet", (base,), attributes))
