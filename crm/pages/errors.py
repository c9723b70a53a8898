"""The pages for a fault of ours, with a code that stands in the log as well, and for a database that is busy."""

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from crm.kit.contention import BUSY, is_contention

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Handler for status 500; uses neither the database nor the session, for they may be what failed."""
    code = secrets.token_hex(3).upper()
    log.error("Fault %s at %s %s", code, request.method, request.path.encode("unicode_escape").decode())
    return HttpResponse(render_to_string("500.html", {"code": code}), status=500)


class BusyMiddleware:
    """Answer 503 where others were in the way of a change, and its page has no place of its own to say so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_contention(error):
            return None
        page = render_to_string("500.html", {"busy": BUSY})
        return HttpResponse(page, status=503, headers={"Retry-After": "1"})
