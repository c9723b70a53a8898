"""The pages of records of every module: list, detail, new, edit, delete."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.fields import registry
from crm.fields.kinds import MULTIPICKLIST
from crm.kit.contention import BUSY, DatabaseIsBusy
from crm.kit.dates import from_iso
from crm.kit.keys import parse_key
from crm.matching.writing import fields_of
from crm.pages import people
from crm.pages.detail import DetailPage
from crm.pages.forms import RecordForm
from crm.pages.lists import ListPage, summary
from crm.pages.records import Elsewhere, find, module_or_404, where_it_went
from crm.pages.trail import carry
from crm.people.access import can
from crm.records.base import RecordIsLocked
from crm.related import filing
from crm.related.forms import FORMS

View = Callable[..., HttpResponse]


def or_elsewhere(view: View) -> View:
    """Answer with the notice of where a record went, if it is not here any more."""

    @wraps(view)
    def answer(request: HttpRequest, slug: str, pk: int, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, slug, pk, **kwargs)
        except Elsewhere as elsewhere:
            return elsewhere.response
        except RecordIsLocked:
            return where_it_went(module_or_404(slug), request, pk)

    return answer


@require_safe
def list_records(request: HttpRequest, slug: str) -> HttpResponse:
    module = module_or_404(slug)
    if not request.user.has_perm(module.permission("view")):
        raise PermissionDenied
    listing = ListPage(request.user, module, request.GET)
    if address := listing.builder.added():
        return redirect(request.path + address)
    return render(request, "pages/list.html", {"listing": listing, "module": module, "summary": summary(listing)})


@require_safe
@or_elsewhere
def show_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record = find(request, slug, pk, "view")
    page = DetailPage(request, record.module, record, composer(request, request.GET.get("add", "")))
    return render(request, "pages/detail.html", {"page": page, "record": record, "module": record.module})


def composer(request: HttpRequest, kind: str, data: Any = None, files: Any = None) -> Any:
    """The form for adding something of this kind, if the user may."""
    form = FORMS.get(kind)
    if form is None or not can(request.user, "add", form.model):
        return None
    return form(data, files, user=request.user)


@require_http_methods(["GET", "POST"])
def new_record(request: HttpRequest, slug: str) -> HttpResponse:
    module = module_or_404(slug)
    if not request.user.has_perm(module.permission("add")):
        raise PermissionDenied
    values = new_values(request, module)
    if "all_fields" in request.POST:  # on from the short form, with what was typed there
        return _form_page(request, module, RecordForm(module, request.user, {**values, **_typed(request, module)}))
    form = RecordForm(module, request.user, values, request.POST or None, is_quick="quick" in request.GET)
    if request.method == "POST" and form.is_valid():
        record: Any = module.model()
        for key, value in {**values, **form.cleaned_data}.items():
            module.fields[key].set(record, value)
        try:
            filing.create(record, by=request.user)
        except ValidationError as error:
            form.add_errors(filing.errors_of(error))
        except DatabaseIsBusy:
            return _busy_page(request, module, form)
        else:
            messages.success(request, _("%(name)s was added.") % {"name": record.title})
            return redirect(record)
    return _form_page(request, module, form)


def _typed(request: HttpRequest, module: registry.Module) -> dict[str, Any]:
    """What was typed into a form, as it was typed."""
    sent = request.POST
    return {
        field.key: sent.getlist(field.key) if field.kind is MULTIPICKLIST else sent[field.key]
        for field in module.editable()
        if field.key in sent
    }


def new_values(request: HttpRequest, module: registry.Module) -> dict[str, Any]:
    """What a new record starts with: defaults, the user as owner, and links named in the address (?organization=12)."""
    values = {field.key: field.default for field in module.editable() if field.default is not None}
    links = {
        field.key: pk
        for field in module.editable()
        if field.to and (pk := parse_key(request.GET.get(field.key, ""))) is not None
    }
    return {**values, "assigned_to": request.user.pk, **links}


@require_http_methods(["GET", "POST"])
@or_elsewhere
def edit_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record = find(request, slug, pk, "change")
    module = record.module
    values = {field.key: field.get(record) for field in module.editable()}
    form = RecordForm(module, request.user, values, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            filing.edit(record, form.cleaned_data, by=request.user, seen=from_iso(request.POST.get("seen", "")))
        except ValidationError as error:
            form.add_errors(filing.errors_of(error))
        except filing.RecordChanged as changed:
            return _changed_page(request, module, form, record, changed.record)
        except DatabaseIsBusy:
            return _busy_page(request, module, form, record=record)
        else:
            messages.success(request, _("Changes saved."))
            return redirect(carry(request, record.get_absolute_url()))
    return _form_page(request, module, form, record=record)


def _changed_page(
    request: HttpRequest, module: registry.Module, form: RecordForm, record: Any, fresh: Any
) -> HttpResponse:
    """Show the form again with what somebody else saved meanwhile; a second Save puts the user's own values in."""
    differing = [
        {"label": field.label, "value": field.show(field.get(fresh)) if not field.to else getattr(fresh, field.key)}
        for field in module.editable()
        if field.get(fresh) != form.cleaned_data.get(field.key)
    ]
    conflict = {"user": fresh.modified_by, "at": fresh.modified_at, "fields": differing}
    return _form_page(request, module, form, record=record, seen=fresh.modified_at, conflict=conflict, status=409)


def _busy_page(request: HttpRequest, module: registry.Module, form: RecordForm, record: Any = None) -> HttpResponse:
    """Show the form again with what was typed: others were in the way each time."""
    form.add_error(None, BUSY)
    return _form_page(request, module, form, record=record, seen=from_iso(request.POST.get("seen", "")), status=503)


def _form_page(
    request: HttpRequest,
    module: registry.Module,
    form: RecordForm,
    *,
    record: Any = None,
    seen: Any = None,
    conflict: Any = None,
    status: int = 0,
) -> HttpResponse:
    seen = seen or (record.modified_at if record else None)
    context = {
        "module": module,
        "form": form,
        "record": record,
        "seen": seen.isoformat() if seen else "",
        "conflict": conflict,
        "compared": " ".join(fields_of(module.key)),
    }
    return render(request, "pages/form.html", context, status=status or (422 if form.errors else 200))


@require_http_methods(["GET", "POST"])
@or_elsewhere
def delete_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record = find(request, slug, pk, "delete")
    problem, status = "", 200
    if request.method == "POST":
        try:
            filing.delete(record, by=request.user)
        except filing.RecordInUse:
            problem = _("A conversion or a merged record rests on this record, so it can't be deleted.")
            status = 409
        except DatabaseIsBusy:
            problem, status = str(BUSY), 503
        else:
            messages.success(request, _("%(name)s was deleted.") % {"name": record.title})
            return redirect(f"{slug}-list")
    deals = people.deals_of(record, request.user) if record.module.key == "contact" else []
    context = {"module": record.module, "record": record, "problem": problem, "deals": deals}
    return render(request, "pages/delete.html", context, status=status)


@require_safe
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """Up to ten records whose name or other words match, for a link field: [{"number", "name"}].

    With ?organization=12 (contacts) those of that organization come first, and what else they are is told in "about".
    """
    module = module_or_404(slug)
    text = request.GET.get("q", "").replace("\0", "")[:100]
    near = parse_key(request.GET.get("organization", ""))
    records: Any = module.model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]
    if module.key == "contact" and near is not None:
        return JsonResponse({"results": people.suggested(records, text, near, request.user)})
    found = records.matching(text).order_by("sort_name", "pk")[:10] if text.strip() else []
    return JsonResponse({"results": [{"number": record.number, "name": record.title} for record in found]})
