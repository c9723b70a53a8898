"""Settings → Module manager → Leads → Conversion: how conversions begin and who hears of them, for administrators only."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields import registry
from crm.kit.numbers import show_number
from crm.people.models import User
from leads.conversion import preferences
from leads.conversion.preferences import FIELDS, PreferencesChanged
from leads.conversion.settings_form import PreferencesForm
from leads.models import ConversionPreferences
from mapping.views import check

SHOWN_CHANGES = 20


@require_http_methods(["GET", "HEAD", "POST"])
def conversion_settings(request: HttpRequest) -> HttpResponse:
    """Show and save the settings, and who changed what and when."""
    check(request)
    now = preferences.current()
    users = list(User.objects.order_by("first_name", "username"))
    offered = {user.pk: str(user) for user in users if user.is_active or user.pk in now.notify_users}
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=now, people=offered)
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            preferences.save(form.cleaned_data, by=request.user, seen=request.POST.get("seen", ""))
        except PreferencesChanged as refusal:
            conflict = refusal.newest
        else:
            messages.success(request, _("Changes saved. They apply to conversions from now on."))
            return redirect("conversion-settings")
    context = {
        "form": form,
        "module": registry.module("lead"),
        "tab": "conversion",
        "seen": now.pk,
        "conflict": conflict,
        "changes": list(changes({user.pk: str(user) for user in users}, form)),
    }
    return render(
        request, "leads/conversion_settings.html", context, status=409 if conflict else 422 if form.errors else 200
    )


def changes(people: Mapping[int, str], form: PreferencesForm) -> Iterator[dict[str, Any]]:
    """The newest changes: who, when, and which setting went from what to what."""
    rows = list(ConversionPreferences.objects.select_related("saved_by")[: SHOWN_CHANGES + 1])
    for after, before in pairwise(rows):
        lines = [
            {
                "label": form.fields[name].label,
                "before": _shown(name, before, people, form),
                "after": _shown(name, after, people, form),
            }
            for name in FIELDS
            if getattr(before, name) != getattr(after, name)
        ]
        yield {"by": after.saved_by, "at": after.saved_at, "lines": lines}


def _shown(name: str, row: ConversionPreferences, people: Mapping[int, str], form: PreferencesForm) -> str:
    value = getattr(row, name)
    if name == "closing_days":
        return show_number(row.days_to_close)
    if name == "notify_users":
        return _(", ").join(people.get(pk, str(pk)) for pk in value) or "—"
    if name in ("first_stage", "unmapped"):
        labels: dict[str, Any] = dict(form.fields[name].choices)  # type: ignore[attr-defined]
        return str(labels.get(value, value))
    return _("Yes") if value else _("No")
