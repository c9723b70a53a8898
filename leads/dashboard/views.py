"""The start page: how leads become customers, and what needs the user today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.kit import periods
from leads.dashboard.page import Dashboard


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the numbers of this month, quarter or year (?period=); quarter when it is not said."""
    chosen = request.GET.get("period", "")
    period = periods.current(chosen if chosen in periods.MONTHS else "quarter")
    return render(request, "leads/dashboard.html", {"board": Dashboard(request.user, period)})
