"""Converting many leads over HTTP: a request makes a job, and the job tells how far it is and what became of each lead."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.filters import filtered
from crm.fields import registry
from crm.jobs import results, services
from crm.jobs.models import Item, Job
from crm.kit.keys import parse_key
from crm.lists.chosen import numbers_of
from leads.bulk import job as jobs
from leads.conversion.many import CREATE, ON_MATCH, Wish
from leads.models import Lead
from mapping.rows import TARGETS

KEYS = ("ids", "filter", "with", "transfer_to", "on_match")
PAGE = 1000


class ConvertMany(APIView):
    """POST: convert the leads named by `ids` (at most 10,000), or all that a `filter` finds; answers with a job."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        if not request.user.has_perms(["leads.convert_lead", "leads.change_lead"]):
            raise exceptions.PermissionDenied
        leads, wish = _read(request)
        job = jobs.create(leads, wish, by=request.user)
        services.start(job, by=request.user)
        job.refresh_from_db()
        location = {"Location": request.build_absolute_uri(f"/api/v1/jobs/{job.pk}/")}
        return Response(as_json(job), status=status.HTTP_202_ACCEPTED, headers=location)


class ShowJob(APIView):
    """GET: how far the job is, and what became of each lead, a thousand at a time: `?after=` takes the `next` of the page before."""

    @extend_schema(parameters=[OpenApiParameter("after", int)], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: int) -> Response:
        job = services.visible_to(request.user).filter(kind=jobs.KIND, pk=pk).first()
        if job is None:
            raise Http404
        after = parse_key(request.query_params.get("after", "0"))
        if after is None:
            raise exceptions.ValidationError({"after": ["Send the `next` of the page before."]})
        items = list(Item.objects.filter(job=job, pk__gt=after).order_by("pk")[: PAGE + 1])
        more = items[PAGE - 1].pk if len(items) > PAGE else None
        shown = [
            {"lead": one.record, "outcome": one.outcome or "waiting", "reason": one.reason} for one in items[:PAGE]
        ]
        return Response({**as_json(job), "results": shown, "next": more})


def as_json(job: Job) -> dict[str, Any]:
    """A job as the API tells of it."""
    tally = results.tally(job, "outcome")
    waiting = tally.pop("", 0)
    return {
        "id": job.pk,
        "state": job.state,
        "total": job.total,
        "done": job.total - waiting,
        "outcomes": tally,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _read(request: Request) -> tuple[Any, Wish]:
    """The leads and the wish that were sent. Raises ValidationError (400) that names what is wrong."""
    sent = request.data
    if not isinstance(sent, dict):
        raise exceptions.ValidationError({"detail": ["Send a JSON object."]})
    errors: dict[str, Any] = {name: [registry.unknown_field(name)] for name in sent if name not in KEYS}
    parts = sent.get("with") or []
    if not isinstance(parts, list) or any(part not in TARGETS for part in parts):
        errors["with"] = [f"Send a list of {', '.join(TARGETS)}."]
    elif parts and not {"organization", "contact"} & set(parts):
        errors["with"] = ["A conversion creates at least an organization or a contact."]
    if sent.get("transfer_to") not in (None, "contact", "organization"):
        errors["transfer_to"] = ["Send contact or organization."]
    if sent.get("on_match", CREATE) not in ON_MATCH:
        errors["on_match"] = [f"Send {', '.join(ON_MATCH)}."]
    leads = _leads(request, sent, errors)
    if errors:
        raise exceptions.ValidationError(errors)
    chosen = tuple(key for key in TARGETS if key in parts)
    return leads, Wish(parts=chosen, transfer_to=sent.get("transfer_to"), on_match=sent.get("on_match", CREATE))


def _leads(request: Request, sent: dict[str, Any], errors: dict[str, Any]) -> Any:
    """The numbers as they were sent, of which the job tells one by one; or the open leads that the filter finds."""
    if ("ids" in sent) == ("filter" in sent):
        errors["detail"] = ['Send either "ids" or "filter".']
        return Lead.objects.none()
    if "filter" in sent:
        return _filtered(request, sent["filter"], errors)
    if not isinstance(sent["ids"], list) or not sent["ids"]:
        errors["ids"] = ["Send a list of numbers."]
        return Lead.objects.none()
    try:
        return numbers_of(sent["ids"])
    except DjangoValidationError as error:
        errors["ids"] = error.messages
        return Lead.objects.none()


def _filtered(request: Request, sent: Any, errors: dict[str, Any]) -> Any:
    """The open leads that a filter finds: the same names and values as in the address of the leads' list."""
    if not isinstance(sent, dict) or not sent:
        errors["filter"] = ["Send an object of values by field; an empty one would be every lead."]
        return Lead.objects.none()
    query = QueryDict(mutable=True)
    for name, value in sent.items():
        if isinstance(value, dict | list):
            errors["filter"] = {name: ["Send one value."]}
            return Lead.objects.none()
        query[name] = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return filtered(Lead.objects.visible_to(request.user), registry.module("lead"), query)
    except exceptions.ValidationError as error:
        errors["filter"] = error.detail
        return Lead.objects.none()
