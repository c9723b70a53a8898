"""The board of open leads, and moving a card on it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.fields import registry
from crm.records.base import RecordIsLocked
from leads.board.forms import MoveForm
from leads.board.moving import move
from leads.board.page import Board
from leads.models import Lead
from leads.views import gone_or_404


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the open leads by status (?view=mine or all, ?move= opens a card's menu)."""
    return _page(request, Board(request))


@require_POST
def move_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the lead another status; the board again with what is wrong if that can't be."""
    lead = Lead.objects.visible_to(request.user).filter(pk=pk).first()
    if lead is None:
        return gone_or_404(request, pk)
    if not request.user.has_perm("leads.change_lead"):
        raise PermissionDenied
    form = MoveForm(request.POST, lead=pk)
    shown = Board(request, form)
    if not form.is_valid():
        return _page(request, shown, status=422)
    status = form.cleaned_data["status"]
    try:
        move(lead, to=status, reason=form.cleaned_data["reason"], by=request.user)
    except RecordIsLocked:
        return gone_or_404(request, pk)
    messages.success(request, _("%(name)s is now: %(status)s") % {"name": lead.title, "status": form.options[status]})
    return redirect(f"{reverse('leads-board')}?{urlencode({'view': shown.view})}#move-{pk}")


def _page(request: HttpRequest, shown: Board, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "board": shown,
        "module": registry.module("lead"),
        "may_move": request.user.has_perm("leads.change_lead"),
        "may_convert": request.user.has_perms(["leads.convert_lead", "leads.change_lead"]),
    }
    return render(request, "leads/board.html", context, status=status)
