"""Try the mapping with a lead: the saved table, or the edits that the editor sends along. Nothing is written."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.fields.registry import Field
from crm.pages.forms import LinkField
from leads.models import Lead
from leads.trial.lines import trial
from mapping import table
from mapping.editor.rows import posted, rows_of
from mapping.editor.views import read_number
from mapping.views import check

OFFERED = 8  # leads to choose from without typing
CARRIED = ("seen", "plain")


@require_http_methods(["GET", "POST"])
def try_mapping(request: HttpRequest) -> HttpResponse:
    """Choose a lead and see where its values would land. A POST tries the edits that it carries and gives them back."""
    check(request)
    sent = request.POST if request.method == "POST" else request.GET
    text = sent.get("lead", "").replace("\0", "")[:200]
    lead, problem = _find(text, request.user)
    mapping = table.current()
    edits: dict[str, Any] = {}
    if request.method == "POST":
        edits = {name: value for name, value in request.POST.items() if name in CARRIED or name.startswith("r")}
        mapping = table.proposed(rows_of(posted(request.POST)), read_number(request.POST.get("seen", "")))
    context = {
        "module": registry.module("lead"),
        "lead": lead,
        "text": text,
        "problem": problem,
        "lines": trial(lead, mapping) if lead else [],
        "offered": Lead.objects.visible_to(request.user).order_by("-created_at", "-pk")[:OFFERED],
        "edits": edits,
        "revision": mapping.revision,
    }
    return render(request, "leads/trial.html", context, status=422 if problem else 200)


def _find(text: str, user: Any) -> tuple[Lead | None, str]:
    """The open lead that the text names by number or name, or what is wrong with the text."""
    field = LinkField(Field(key="lead", label=_("Lead"), kind=LINK, to="lead"), user)
    try:
        pk = field.to_python(text)
    except ValidationError as error:
        return None, error.messages[0]
    if pk is None:
        return None, ""
    lead = Lead.objects.visible_to(user).filter(pk=pk).first() if pk < 2**63 else None
    return lead, "" if lead else _("No record with this name or number was found. Choose one of the suggestions.")
