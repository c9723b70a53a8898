"""Giving one record another status in its list."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.kit.dates import from_iso
from crm.pages.forms import StatusForm
from crm.pages.lists import ListPage, summary
from crm.pages.records import find
from crm.pages.views import or_elsewhere
from crm.related import filing


@require_POST
@or_elsewhere
def set_status(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Save the status that was chosen, and show the list (`of`, its query string) again: with what is wrong if it can't be saved."""
    record = find(request, slug, pk, "change")
    if not record.module.status_field:
        raise Http404
    form = StatusForm(record, request.user, request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        filing.edit(record, form.cleaned_data, by=request.user, seen=from_iso(request.POST.get("seen", "")))
    except ValidationError as error:
        form.add_error(form.key, error.messages)
        return _list(request, form, status=422)
    except filing.RecordChanged as changed:
        return _changed(request, form, changed)
    shown = record.module.fields[form.key].show(form.cleaned_data[form.key])
    messages.success(request, _("%(name)s is now: %(status)s") % {"name": record.title, "status": shown or "—"})
    return redirect(f"/{slug}/?{_of(request)}#{form.control.auto_id}")


def _changed(request: HttpRequest, form: StatusForm, changed: filing.RecordChanged) -> HttpResponse:
    """Show what somebody else saved meanwhile; a second Save puts the user's own choice in."""
    field = changed.record.module.fields[form.key]
    text = _("Somebody saved this record meanwhile; its %(field)s is “%(value)s”. Save again to put yours in.")
    form.add_error(form.key, text % {"field": field.label, "value": field.show(field.get(changed.record)) or "—"})
    form.seen = changed.record.modified_at.isoformat()
    return _list(request, form, status=409)


def _of(request: HttpRequest) -> str:
    return request.POST.get("of", "").removeprefix("?")


def _list(request: HttpRequest, form: StatusForm, *, status: int) -> HttpResponse:
    module = form.record.module
    listing = ListPage(request.user, module, QueryDict(_of(request)), form)
    if all(record.pk != form.record.pk for record in listing.page.rows):  # it left this list meanwhile
        messages.warning(request, " ".join(map(str, form.errors[form.key])))
    context = {"listing": listing, "module": module, "summary": summary(listing)}
    return render(request, "pages/list.html", context, status=status)
