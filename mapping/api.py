"""The field mapping over HTTP."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapping.coverage import unmapped
from mapping.table import current


class FieldMapping(APIView):
    """The table in force and the lead fields that it doesn't carry."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        if not request.user.has_perm("mapping.view_link"):
            raise exceptions.PermissionDenied
        mapping = current()
        missing: list[dict[str, Any]] = [
            {"field": one.field.key, "label": str(one.field.label), "open_leads": one.open_leads}
            for one in unmapped(mapping)
        ]
        return Response(
            {"revision": mapping.revision, "rows": [row.as_dict() for row in mapping.rows()], "unmapped": missing}
        )
