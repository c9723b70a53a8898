"""Leads and conversions over HTTP: the draft, the conversion itself, and the receipts."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.errors import Conflict, Gone
from crm.api.paging import Cursor
from crm.api.records import RecordViewSet
from crm.fields import registry
from crm.related import merging
from leads.conversion.announce import as_json
from leads.conversion.draft import draft
from leads.conversion.errors import AlreadyConverted, InvalidOrder, KeyUsed, NoSuchLead, StaleDraft, StaleExisting
from leads.conversion.matching import find
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion, Lead
from leads.wire import draft_as_json, flat, order_from
from mapping.rows import TARGETS

MAX_KEY = 200


def visible_ids(conversion: Conversion, user: Any) -> dict[str, int | None]:
    """The ids of what a conversion made, or of what it was merged into since, as far as the user may see it."""
    found = {}
    for key in TARGETS:
        pk = getattr(conversion, f"{key}_id")
        record = merging.current(registry.module(key).model, pk, user) if pk else None
        found[key] = record.pk if record else None
    return found


def gone(conversion: Conversion, user: Any) -> Gone:
    """410 with the ids of what became of the lead."""
    ids = visible_ids(conversion, user)
    body = {"detail": "This lead was converted and is no longer available.", "lead": conversion.lead_id, **ids}
    may_see = any(ids.values())
    return Gone({**body, "conversion": conversion.pk if may_see else None})


class LeadBase(RecordViewSet):
    """Open leads; a converted one answers 410 on each of its addresses."""

    def missing(self, pk: int) -> Exception:
        conversion = Conversion.objects.filter(lead=pk).first()
        may_see = conversion and (
            Lead.everything.visible_to(self.request.user).filter(pk=pk).exists()
            or any(visible_ids(conversion, self.request.user).values())
        )
        return gone(conversion, self.request.user) if conversion and may_see else super().missing(pk)

    @extend_schema(
        methods=["POST"],
        request=OpenApiTypes.OBJECT,
        responses={201: OpenApiTypes.OBJECT},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="One for each order and lead, at most 200 characters. The same user gets the first answer again for the "
                "same body, and 409 for another body; to other users the key means nothing.",
            )
        ],
    )
    @extend_schema(methods=["GET"], responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get", "post"], url_path="convert")
    def convert(self, request: Request, pk: int) -> Response:
        """GET: the draft of the conversion. POST: convert; all keys are optional, and the same Idempotency-Key is safe to send again."""
        if request.method != "POST":  # HEAD comes here too
            lead = self.get_object()
            self.check("convert")
            return Response(draft_as_json(draft(lead, by=request.user), find(lead, by=request.user, fuzzy=True)))
        order = self._order(request, pk)
        try:
            conversion = convert(int(pk), order, by=request.user)
        except NoSuchLead:
            raise Http404 from None
        except AlreadyConverted as refusal:
            raise gone(refusal.conversion, request.user) from None
        except KeyUsed:
            detail = "This Idempotency-Key came with another order for this lead before. Nothing was done."
            raise Conflict({"detail": detail}) from None
        except StaleDraft as refusal:
            raise Conflict(
                {"detail": "The lead or the mapping changed since the draft was drawn.", "fields": list(refusal.fields)}
            ) from None
        except StaleExisting as refusal:
            changed = list(refusal.records)
            raise Conflict({"detail": "An existing record changed since it was read.", "existing": changed}) from None
        except InvalidOrder as refusal:
            raise exceptions.ValidationError(flat(refusal.errors)) from None
        return Response(as_json(conversion, conversion.brought.all()), status=status.HTTP_201_CREATED)

    def _order(self, request: Request, pk: int) -> Order:
        """Read the order; parts that aren't named take the defaults of the lead's draft (PRODUCT §4.3)."""
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > MAX_KEY or not key.isprintable():
            raise exceptions.ValidationError({"Idempotency-Key": [f"Send at most {MAX_KEY} printable characters."]})
        if key and (
            earlier := Conversion.objects.filter(lead=pk, idempotency_key=key, converted_by=request.user.pk).first()
        ):
            there = {name: Part(existing=0 if name in earlier.existing else None) for name in _made(earlier)}
            return Order(parts=there, key=key, digest=_digest(request.data))
        lead = self.get_object()
        self.check("convert")
        order = order_from(request.data, draft(lead, by=request.user, related=False), key)
        return replace(order, digest=_digest(request.data)) if key else order


def _digest(sent: object) -> str:
    """Tells whether two requests ask for the same, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(sent, sort_keys=True, default=str).encode()).hexdigest()


def _made(conversion: Conversion) -> list[str]:
    return [key for key in TARGETS if getattr(conversion, f"{key}_id")]


class ConversionSerializer(serializers.ModelSerializer[Any]):
    class Meta:
        model = Conversion
        fields = (
            "id", "lead", "organization", "contact", "opportunity", "converted_at", "converted_by", "transfer_to",
            "mapping_revision", "provenance", "kept_in_note", "left_behind", "sent_elsewhere", "moved", "existing", "together_with", "digest",
        )  # fmt: skip

    def to_representation(self, instance: Conversion) -> dict[str, Any]:
        """A record that the caller may not see is shown as null, and so is where its values came from."""
        shown: dict[str, Any] = super().to_representation(instance)
        ids = visible_ids(instance, self.context["request"].user)
        shown["provenance"] = {key: value for key, value in shown["provenance"].items() if ids.get(key)}
        return {**shown, **ids}


class ConversionViewSet(viewsets.ReadOnlyModelViewSet[Any]):
    """The receipts, for those who may see a record that came of them."""

    serializer_class = ConversionSerializer
    queryset = Conversion.objects.none()

    pagination_class = Cursor
    lookup_value_converter = "key"
    order = ("-converted_at", "-id")

    def get_queryset(self) -> Any:
        if not self.request.user.has_perm("leads.view_conversion"):
            raise exceptions.PermissionDenied
        return Conversion.objects.visible_to(self.request.user)
