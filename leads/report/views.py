"""The conversion report: what became of the leads, how long it took, and what the mapping still misses."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.kit.sheets import csv_response
from crm.people.access import can
from leads.models import Conversion
from leads.report.page import MAX_BACK, ReportPage


def _page(request: HttpRequest) -> ReportPage:
    if not can(request.user, "view", Conversion):
        raise PermissionDenied
    wanted = request.GET.get("back", "")
    back = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= len(str(MAX_BACK)) else 0
    return ReportPage(request.user, request.GET.get("period", ""), back)


@require_safe
def conversion_report(request: HttpRequest) -> HttpResponse:
    """Show the month, quarter or year (?period=), this one or so many before it (?back=)."""
    return render(request, "leads/report.html", {"page": _page(request)})


@require_safe
def conversion_report_file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the same numbers as a CSV file."""
    page = _page(request)
    return csv_response(page.file_name, page.file())
