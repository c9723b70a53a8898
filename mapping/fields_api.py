"""Custom fields over HTTP: everybody signed in reads them, administrators write them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.paging import Cursor
from crm.fields import dictionary, registry, services
from crm.fields.errors import DictionaryRefused
from crm.fields.models import CustomField, PicklistOption
from mapping.born import create_everywhere, resize
from mapping.errors import MappingRefused
from mapping.fields_wire import MODULES, NUMBERS, CustomFieldSerializer, read

FILTERS = ("module", "type", "retired")
PAGING = {"cursor", "page_size", "format", "search", "ordering"}
ORDERS = {"module": "module", "key": "key", "type": "kind", "label": "label_en", "position": "position", "id": "id"}


@contextmanager
def answering(sent: Collection[str] = ()) -> Iterator[None]:
    """Turn the services' refusals into 400, by the keys that were sent: both labels may have come as `label`."""
    try:
        yield
    except DictionaryRefused as refusal:
        names = {"kind": "type", "": "detail"}
        if "label" in sent:
            names |= {name: "label" for name in ("label_en", "label_fa") if name not in sent}
        raise exceptions.ValidationError(
            {names.get(name, name): texts for name, texts in refusal.message_dict.items()}
        ) from None
    except MappingRefused as refusal:
        texts = [text for row in refusal.errors.values() for texts in row.values() for text in texts]
        raise exceptions.ValidationError({"map": texts}) from None


class CustomFields(viewsets.GenericViewSet[CustomField]):
    """The custom fields of the four modules. DELETE retires a field: what records hold in it is kept."""

    serializer_class = CustomFieldSerializer
    pagination_class = Cursor
    lookup_value_converter = "key"
    queryset = CustomField.objects.all()
    order: tuple[str, ...] = ("module", "position", "id")

    def get_queryset(self) -> QuerySet[CustomField]:
        return CustomField.objects.all()

    def check(self, action: str) -> None:
        if not self.request.user.has_perm(f"fields.{action}_customfield"):
            raise exceptions.PermissionDenied

    def list(self, request: Request) -> Response:
        fields = self.get_queryset().filter(**self._asked_for(request))
        if text := str(request.query_params.get("search", "")).replace("\0", "").strip()[:100]:
            fields = fields.filter(Q(key__icontains=text) | Q(label_en__icontains=text) | Q(label_fa__icontains=text))
        self.order = self._order(request)
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(fields), many=True).data)

    def _order(self, request: Request) -> tuple[str, ...]:
        asked = [one for one in str(request.query_params.get("ordering", "")).split(",") if one]
        if unknown := [one for one in asked if one.removeprefix("-") not in ORDERS]:
            raise exceptions.ValidationError({"ordering": [registry.unknown_field(one[:100]) for one in unknown]})
        columns = [("-" if one.startswith("-") else "") + ORDERS[one.removeprefix("-")] for one in asked]
        return (*columns, "id") if columns else type(self).order

    def _asked_for(self, request: Request) -> dict[str, Any]:
        unknown = [name for name in request.query_params if name not in FILTERS and name not in PAGING]
        if unknown:
            raise exceptions.ValidationError({name: [registry.unknown_field(name)] for name in unknown})
        sent = {name: str(request.query_params[name]) for name in FILTERS if name in request.query_params}
        if sent.get("retired", "true") not in ("true", "false"):
            raise exceptions.ValidationError({"retired": ["Send true or false."]})
        asked: dict[str, Any] = {"retired_at__isnull": sent["retired"] == "false"} if "retired" in sent else {}
        return asked | {column: sent[name] for name, column in (("module", "module"), ("type", "kind")) if name in sent}

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def create(self, request: Request) -> Response:
        self.check("add")
        sent = read(request.data)
        keys = set(sent)
        missing = {key: [_("This is needed.")] for key in ("module", "type") if key not in sent}
        if missing:
            raise exceptions.ValidationError(missing)
        module, also_on, is_mapped = sent.pop("module"), sent.pop("also_on", ()), sent.pop("map", False)
        if module not in MODULES:
            raise exceptions.ValidationError(
                {"module": [_("There is no module “%(module)s”.") % {"module": module[:100]}]}
            )
        sent.pop("retired", None)
        definition = {("kind" if key == "type" else key): value for key, value in _with_labels(sent).items()}
        with answering(keys):
            made = create_everywhere(module, also_on=also_on, is_mapped=is_mapped, by=request.user, **definition)[
                module
            ]
        location = {"Location": request.build_absolute_uri(f"{request.path}{made.pk}/")}
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED, headers=location)

    def partial_update(self, request: Request, pk: int) -> Response:
        field = self.get_object()
        self.check("change")
        sent = read(request.data)
        wrong = [key for key in ("module", "also_on", "map") if key in sent and sent[key] != getattr(field, key, None)]
        if wrong:
            raise exceptions.ValidationError({key: [_("This can't be changed any more.")] for key in wrong})
        with answering(set(sent)), transaction.atomic():
            _change(field, _with_labels(sent, field), by=request.user)
        field.refresh_from_db()
        return Response(self.get_serializer(field).data)

    def destroy(self, request: Request, pk: int) -> Response:
        field = self.get_object()
        self.check("delete")
        with answering():
            services.retire_field(field, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _with_labels(sent: dict[str, Any], field: CustomField | None = None) -> dict[str, Any]:
    """What was sent, with `label` standing for the labels that were not."""
    values = {key: value for key, value in sent.items() if key != "label"}
    if "label" not in sent or (field is not None and sent["label"] == field.label):
        return values
    return {"label_en": sent["label"], "label_fa": sent["label"], **values}


def _change(field: CustomField, sent: dict[str, Any], *, by: Any) -> None:
    """Type or size, then options, then the rest; retiring last, bringing back first."""
    if sent.get("retired") is False and field.retired_at is not None:
        field = services.bring_back_field(field, by=by)
    size = {name: sent.get(name, getattr(field, name)) for name in NUMBERS}
    kind, options = sent.get("type", field.kind), sent.get("options")
    if kind != field.kind:
        size = {name: sent.get(name) for name in NUMBERS}
        field = services.retype_field(field, kind=kind, options=options or (), by=by, **size)
    else:
        if any(size[name] != getattr(field, name) for name in NUMBERS):
            used = ("length",) if field.as_field().kind.size == "length" else ("digits", "places")
            field = resize(field, by=by, **{name: size[name] for name in used})
        if options is not None:
            _set_options(field.as_field().list_key, options, by)
    rest = ("label_en", "label_fa", "help_en", "help_fa", "required", "default", "in_quick_create")
    field = services.edit_field(field, by=by, **{name: sent[name] for name in rest if name in sent})
    if sent.get("retired") is True:
        services.retire_field(field, by=by)


def _set_options(list_key: str, wanted: list[str], by: Any) -> None:
    """Let the list offer these options in this order: new ones are added, those that aren't named are retired."""
    offered = {one.value for one in dictionary.options(list_key) if not one.retired}
    for value in wanted:
        if value not in offered:
            services.add_option(list_key, value=value, by=by)
    for option in PicklistOption.objects.filter(list_key=list_key, value__in=offered - set(wanted)):
        services.retire_option(option, by=by)
    services.reorder_options(list_key, wanted, by=by)
