"""The page for a fault of ours, with a code that stands in the log as well."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Handler for status 500; uses neither the database nor the session, for they may be what failed."""
    code = secrets.token_hex(3).upper()
    log.error("Fault %s at %s %s", code, request.method, request.path.encode("unicode_escape").decode())
    return HttpResponse(render_to_string("500.html", {"code": code}), status=500)
