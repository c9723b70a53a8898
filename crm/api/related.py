"""Activities, comments, e-mails and documents over HTTP. Each names the record that it hangs on: {"contact": 7}."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.paging import Cursor
from crm.fields import registry
from crm.kit import dates
from crm.kit.keys import parse_key
from crm.people.access import can, sees_all
from crm.related import services
from crm.related.models import HOLDERS, Activity, Comment, Document, Email, Related
from crm.related.uploads import document_from

HOLDER_PARAMETERS = [OpenApiParameter(holder, int, description=f"Only those of this {holder}.") for holder in HOLDERS]
READ_ONLY = ("id", "created_at", "created_by", *HOLDERS)


class MomentField(serializers.DateTimeField):
    """A moment that every database and time zone can hold."""

    def to_internal_value(self, value: Any) -> Any:
        try:
            return dates.checked(super().to_internal_value(value))
        except (ValueError, OverflowError) as error:
            raise serializers.ValidationError(str(error)) from None


class RelatedSerializer(serializers.ModelSerializer[Any]):
    """Base: the record's own fields and the one of four holders."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: MomentField,
    }

    lead = serializers.IntegerField(required=False, allow_null=True)
    organization = serializers.IntegerField(required=False, allow_null=True)
    contact = serializers.IntegerField(required=False, allow_null=True)
    opportunity = serializers.IntegerField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if hasattr(data, "keys") else set()
        if unknown:
            raise serializers.ValidationError({key: [registry.unknown_field(key)] for key in sorted(unknown)})
        return super().to_internal_value(data)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        for holder in HOLDERS:
            setattr(instance, holder, getattr(instance.dossier, f"{holder}_id"))
        shown: dict[str, Any] = super().to_representation(instance)
        return shown


class ActivitySerializer(RelatedSerializer):
    class Meta:
        model = Activity
        fields = (
            "id",
            *HOLDERS,
            "kind",
            "subject",
            "starts_at",
            "ends_at",
            "due_at",
            "status",
            "priority",
            "location",
            "description",
            "assigned_to",
            "created_at",
            "created_by",
        )
        read_only_fields = ("created_at", "created_by")
        extra_kwargs = {"assigned_to": {"required": False}}


class CommentSerializer(RelatedSerializer):
    class Meta:
        model = Comment
        fields = ("id", *HOLDERS, "body", "created_at", "created_by")
        read_only_fields = ("created_at", "created_by")
        extra_kwargs = {"body": {"trim_whitespace": False, "max_length": 100_000}}


class EmailSerializer(RelatedSerializer):
    class Meta:
        model = Email
        fields = (
            "id",
            *HOLDERS,
            "direction",
            "subject",
            "sender",
            "recipients",
            "body",
            "sent_at",
            "created_at",
            "created_by",
        )
        read_only_fields = ("created_at", "created_by")
        extra_kwargs = {"body": {"trim_whitespace": False, "max_length": 1_000_000}}


class DocumentSerializer(RelatedSerializer):
    file = serializers.FileField(write_only=True, required=True)
    title = serializers.CharField(required=False, max_length=200, allow_blank=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id",
            *HOLDERS,
            "title",
            "file",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "url",
            "created_at",
            "created_by",
        )
        read_only_fields = ("file_name", "content_type", "size", "sha256", "created_at", "created_by")

    def get_url(self, document: Document) -> str:
        """Where the file is downloaded."""
        return f"/documents/{document.pk}/"


class RelatedViewSet(viewsets.GenericViewSet[Any]):
    """One kind of related records, within what the caller may see."""

    model: type[Related]
    pagination_class = Cursor
    lookup_value_converter = "key"

    def check(self, action: str) -> None:
        if not can(self.request.user, action, self.model):
            raise exceptions.PermissionDenied

    def get_queryset(self) -> QuerySet[Any]:
        items = self.model._default_manager.select_related("dossier")
        return items if sees_all(self.request.user) else items.filter(self._held_by_visible())

    def _held_by_visible(self) -> Q:
        condition = Q()
        for holder in HOLDERS:
            records: Any = registry.module(holder).model._default_manager
            condition |= Q(**{f"dossier__{holder}__in": records.visible_to(self.request.user).values("pk")})
        return condition

    def list(self, request: Request) -> Response:
        self.check("view")
        items = self.get_queryset().filter(**self._asked_for(request))
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(items), many=True).data)

    def _asked_for(self, request: Request) -> dict[str, int]:
        conditions, errors = {}, {}
        for name, sent in request.query_params.items():
            raw = str(sent)
            if name in ("cursor", "page_size", "format"):
                continue
            if name not in HOLDERS:
                errors[name] = [registry.unknown_field(name)]
            elif (key := parse_key(raw)) is None:
                errors[name] = ["Send the record's id."]
            else:
                conditions[f"dossier__{name}"] = key
        if errors:
            raise exceptions.ValidationError(errors)
        return conditions

    def retrieve(self, request: Request, pk: int) -> Response:
        item = self.get_object()
        self.check("view")
        return Response(self.get_serializer(item).data)

    def create(self, request: Request) -> Response:
        self.check("add")
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        holder = self._holder({name: values.pop(name, None) for name in HOLDERS})
        item = services.add(self.build(values), to=holder, by=request.user)
        location = {"Location": request.build_absolute_uri(f"{request.path}{item.pk}/")}
        return Response(self.get_serializer(item).data, status=status.HTTP_201_CREATED, headers=location)

    def build(self, values: dict[str, Any]) -> Related:
        return self.model(**values)

    def _holder(self, named: dict[str, int | None]) -> Any:
        """The one record that is named, as far as the caller may see it."""
        chosen = {name: pk for name, pk in named.items() if pk is not None}
        if len(chosen) != 1:
            raise exceptions.ValidationError(
                {"detail": ["Name exactly one record: lead, organization, contact or opportunity."]}
            )
        [(name, pk)] = chosen.items()
        records: Any = registry.module(name).model._default_manager
        record = records.visible_to(self.request.user).filter(pk=pk).first() if 0 < pk < 2**63 else None
        if record is None:
            raise exceptions.ValidationError({name: ["There is no such record, or you may not see it."]})
        return record

    def partial_update(self, request: Request, pk: int) -> Response:
        item = self.get_object()
        self.check("change")
        serializer = self.get_serializer(item, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = {name: value for name, value in serializer.validated_data.items() if name not in (*HOLDERS, "file")}
        services.edit(item, values, by=request.user)
        return Response(self.get_serializer(item).data)

    def destroy(self, request: Request, pk: int) -> Response:
        item = self.get_object()
        self.check("delete")
        services.remove(item, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def related_views(
    model_class: type[Related], serializer: type[RelatedSerializer], base: type[RelatedViewSet] = RelatedViewSet
) -> type[RelatedViewSet]:
    described = extend_schema_view(list=extend_schema(parameters=HOLDER_PARAMETERS))
    attributes = {"model": model_class, "serializer_class": serializer, "queryset": model_class._default_manager.none()}
    return described(type(f"{model_class.__name__}ViewSet", (base,), attributes))


class DocumentUploads(RelatedViewSet):
    """Documents come as multipart/form-data with the key `file`."""

    def build(self, values: dict[str, Any]) -> Related:
        try:
            return document_from(values["file"], title=values.get("title", ""))
        except DjangoValidationError as error:
            raise exceptions.ValidationError({"file": error.messages}) from None


ACTIVITIES = related_views(Activity, ActivitySerializer)
COMMENTS = related_views(Comment, CommentSerializer)
EMAILS = related_views(Email, EmailSerializer)
DOCUMENTS = related_views(Document, DocumentSerializer, DocumentUploads)
