"""Who takes part in an opportunity over HTTP: /opportunities/5/people/, each by the contact's id."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.people.access import can, sees
from crm.records import roles
from crm.records.models import Opportunity
from crm.related import participation
from crm.related.participation import Participant

CONTACT = registry.Field(key="contact", label="contact", kind=LINK, to="contact", required=True)
KEYS = ("contact", "number", "name", "role", "main")


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody who takes part. Of a contact that the caller may not see the name is null."""

    contact = serializers.IntegerField(help_text="The contact's id. It can't be changed.")
    number = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True, allow_null=True)
    role = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=roles.LONGEST,
        help_text="An option of the list “Role in the opportunity”, in any language, or words of your own.",
    )
    main = serializers.BooleanField(
        required=False,
        help_text="Whether it is the opportunity's main contact, its field `contact`. Only true can be sent.",
    )


class PeopleSerializer(serializers.Serializer[Any]):
    """All of them at once, in the shape of every list."""

    next = serializers.CharField(read_only=True, allow_null=True)
    previous = serializers.CharField(read_only=True, allow_null=True)
    results = PersonSerializer(many=True)


class PeopleViewSet(viewsets.GenericViewSet[Any]):
    """The people of one opportunity: to be read by who may see it, written by who may change it and see the contact."""

    serializer_class = PersonSerializer
    pagination_class = None
    queryset = Opportunity.objects.none()

    def opportunity(self, action: str) -> Opportunity:
        visible = Opportunity.objects.visible_to(self.request.user)
        found: Opportunity | None = visible.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        if not can(self.request.user, action, Opportunity):
            raise exceptions.PermissionDenied
        return found

    def shown(self, one: Participant) -> dict[str, Any]:
        is_seen = sees(self.request.user, one.contact)
        about = {
            "contact": one.contact.pk,
            "number": one.contact.number,
            "name": one.contact.title if is_seen else None,
        }
        return {**about, "role": one.role, "main": one.is_main}

    def person(self, opportunity: Opportunity, contact: int) -> dict[str, Any]:
        opportunity.refresh_from_db(fields=["contact"])
        found = (one for one in participation.people_of(opportunity) if one.contact.pk == contact)
        if (one := next(found, None)) is None:
            raise Http404
        return self.shown(one)

    @extend_schema(responses=PeopleSerializer)
    def list(self, request: Request, pk: int) -> Response:
        people = [self.shown(one) for one in participation.people_of(self.opportunity("view"))]
        return Response({"next": None, "previous": None, "results": people})

    def retrieve(self, request: Request, pk: int, contact: int) -> Response:
        return Response(self.person(self.opportunity("view"), contact))

    def create(self, request: Request, pk: int) -> Response:
        opportunity = self.opportunity("change")
        sent = _parse(request.data, is_new=True)
        contact, role, is_main = sent["contact"], sent.get("role", ""), sent.get("main", False)
        participation.add(opportunity, contact, role=role, is_main=is_main, by=request.user)
        location = {"Location": request.build_absolute_uri(f"{request.path}{contact}/")}
        return Response(self.person(opportunity, contact), status=status.HTTP_201_CREATED, headers=location)

    def partial_update(self, request: Request, pk: int, contact: int) -> Response:
        opportunity = self.opportunity("change")
        sent = _parse(request.data, is_new=False)
        try:
            participation.change(
                opportunity, contact, role=sent.get("role"), is_main=sent.get("main", False), by=request.user
            )
        except participation.TakesNoPart:
            raise Http404 from None
        return Response(self.person(opportunity, contact))

    @extend_schema(responses={204: OpenApiResponse()})
    def destroy(self, request: Request, pk: int, contact: int) -> Response:
        try:
            participation.remove(self.opportunity("change"), contact, by=request.user)
        except participation.TakesNoPart:
            raise Http404 from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def _parse(sent: object, *, is_new: bool) -> dict[str, Any]:
    """What was sent, checked by type. Read-only keys are ignored; the contact is one of them once it takes part."""
    if not isinstance(sent, dict):
        raise serializers.ValidationError({"detail": ["Send a JSON object."]})
    errors: dict[str, list[str]] = {key: [registry.unknown_field(key)] for key in sent if key not in KEYS}
    values = {key: sent[key] for key in ("contact", "role", "main") if key in sent}
    if not isinstance(values.get("role", ""), str):
        errors["role"] = ["Send a text."]
    if values.get("main", True) not in ((True, False) if is_new else (True,)):
        errors["main"] = ["Send true, or make somebody else the main contact."]
    if is_new:
        try:
            values["contact"] = CONTACT.kind.parse(sent.get("contact"), CONTACT)
        except ValidationError as error:
            errors["contact"] = error.messages
        else:
            errors |= {} if values["contact"] else {"contact": ["Send the record's id."]}
    if errors:
        raise serializers.ValidationError(errors)
    return values


PEOPLE = PeopleViewSet.as_view({"get": "list", "post": "create"})
PERSON = PeopleViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})
