"""The field mapping over HTTP (PRODUCT §5): read the table in force, replace it as a whole."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapping import services, wire
from mapping.coverage import unmapped
from mapping.errors import MappingChanged, MappingRefused
from mapping.models import Revision
from mapping.table import current

S = serializers.Serializer[Any]


class RowSerializer(S):
    """One row: the lead field and the field of each module that receives it."""

    lead = serializers.CharField(help_text="The key of a lead field.")
    organization = serializers.CharField(allow_null=True, required=False, help_text="The key of a field, or null.")
    contact = serializers.CharField(allow_null=True, required=False, help_text="The key of a field, or null.")
    opportunity = serializers.CharField(allow_null=True, required=False, help_text="The key of a field, or null.")
    locked = serializers.BooleanField(
        required=False, help_text="The rows of the system are locked; they have to be sent unchanged."
    )


class UnmappedSerializer(S):
    """A lead field that no row carries."""

    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    open_leads = serializers.IntegerField(help_text="How many open leads hold a value in it.")


class MappingSerializer(S):
    """The whole table. Send the revision that you read: the table is only replaced if it is still that one."""

    revision = serializers.IntegerField(
        min_value=0, help_text="The number of the table; each saved table gets the next one."
    )
    rows = RowSerializer(many=True)
    unmapped = UnmappedSerializer(many=True, read_only=True)


class RefusedSerializer(S):
    """What is wrong, by row index (from 0) and column; the column `row` is for the whole row."""

    rows = serializers.DictField(
        child=serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )


class SaverSerializer(S):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ChangedSerializer(S):
    """Somebody saved another table since."""

    detail = serializers.CharField()
    revision = serializers.IntegerField()
    saved_by = SaverSerializer(allow_null=True)
    saved_at = serializers.DateTimeField()


class FieldMapping(APIView):
    """The field mapping: where each lead value goes when a lead is converted."""

    @extend_schema(responses={200: MappingSerializer})
    def get(self, request: Request) -> Response:
        """The table in force and the lead fields that it doesn't carry."""
        if not request.user.has_perm("mapping.view_link"):
            raise exceptions.PermissionDenied
        return Response(_table())

    @extend_schema(
        request=MappingSerializer,
        responses={200: MappingSerializer, 400: RefusedSerializer, 409: ChangedSerializer},
    )
    def put(self, request: Request) -> Response:
        """Replace the whole table. Either all of it is saved or nothing is."""
        if not request.user.has_perm("mapping.change_link"):
            raise exceptions.PermissionDenied
        try:
            rows, seen = wire.read_rows(request.data), wire.read_revision(request.data)
            services.replace(rows, seen=seen, by=request.user)
        except wire.MappingUnreadable as error:
            raise exceptions.ValidationError(error.errors) from None
        except MappingRefused as refusal:
            return Response({"rows": refusal.errors}, status=status.HTTP_400_BAD_REQUEST)
        except MappingChanged as change:
            return Response(_changed(change.revision), status=status.HTTP_409_CONFLICT)
        except PermissionDenied:
            raise exceptions.PermissionDenied from None
        return Response(_table())


def _table() -> dict[str, Any]:
    mapping = current()
    missing = [
        {"field": one.field.key, "label": str(one.field.label), "open_leads": one.open_leads}
        for one in unmapped(mapping)
    ]
    return {"revision": mapping.revision, "rows": [row.as_dict() for row in mapping.rows()], "unmapped": missing}


def _changed(revision: Revision) -> dict[str, Any]:
    by = revision.saved_by
    return {
        "detail": f"Somebody saved revision {revision.number} of the mapping meanwhile. Read it, then send yours again.",
        "revision": revision.number,
        "saved_by": {"id": by.pk, "name": str(by)} if by else None,
        "saved_at": revision.saved_at.isoformat(),
    }
