"""How the API says no: a status and JSON that names the keys."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from crm.kit.contention import BUSY, is_contention
from crm.records.base import RecordIsLocked
from crm.related.filing import RecordChanged, RecordInUse, errors_of


class Gone(exceptions.APIException):
    """410: the lead was converted, or the record was merged; the body has the ids of what the caller may see of it."""

    status_code = status.HTTP_410_GONE

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body  # as it is: DRF would turn the ids into texts
        super().__init__()


class Conflict(exceptions.APIException):
    """409: somebody else was faster."""

    status_code = status.HTTP_409_CONFLICT


class Busy(exceptions.APIException):
    """503: others stood in the way each time; nothing was changed, and the same may be sent again (Retry-After)."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = BUSY
    wait = 1  # seconds


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn the product's own errors into the contract's; the rest is DRF's."""
    if isinstance(error, Gone):
        return Response(error.body, status=error.status_code)
    if isinstance(error, RecursionError):  # what the JSON parser says of a body that is nested too deeply
        error = exceptions.ParseError("JSON parse error - nested too deeply")
    elif isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(errors_of(error))
    elif isinstance(error, Http404):  # its text names our classes
        error = exceptions.NotFound()
    elif isinstance(error, RecordInUse):
        error = Conflict("A conversion or a merged record rests on this record, so it can't be deleted.")
    elif is_contention(error):
        error = Busy()
    elif isinstance(error, RecordChanged | RecordIsLocked):
        error = Conflict("Somebody else changed this record meanwhile. Read it again.")
    return exception_handler(error, context)
