"""Adding to a record's dossier, changing and removing what is in it, and downloading its documents."""

import datetime as dt
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.fields import registry
from crm.kit.contention import BUSY, DatabaseIsBusy
from crm.pages.detail import DetailPage
from crm.pages.records import find
from crm.pages.trail import carry
from crm.pages.views import composer, or_elsewhere
from crm.people.access import can
from crm.related import services
from crm.related.forms import form_for
from crm.related.models import KINDS, Activity, Document, Related

MODELS = {kind._meta.model_name: kind for kind in KINDS}


@require_POST
@or_elsewhere
def add_related(request: HttpRequest, slug: str, pk: int, kind: str) -> HttpResponse:
    """Add a call, note, document … to a record; what is wrong is shown in the record's page."""
    record = find(request, slug, pk, "view")
    form = composer(request, kind, request.POST, request.FILES)
    if form is None:
        raise PermissionDenied
    status = 422
    if form.is_valid():
        try:
            services.add(form.made(), to=record, by=request.user)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        except DatabaseIsBusy:
            form.add_error(None, BUSY)
            status = 503
        else:
            messages.success(request, _("Added."))
            return redirect(carry(request, record.get_absolute_url()))
    page = DetailPage(request, record.module, record, form)
    context = {"page": page, "record": record, "module": record.module, "kind": kind}
    return render(request, "pages/detail.html", context, status=status)


def related_or_404(request: HttpRequest, kind: str, pk: int, action: str) -> Any:
    """Fetch a related record whose holder the user may see, for this action."""
    model: type[Related] | None = MODELS.get(kind)
    if model is None:
        raise Http404
    item = get_object_or_404(model._default_manager.select_related("dossier"), pk=pk)
    module = registry.module(item.dossier.holder_key)
    holders: Any = module.model._default_manager
    if not holders.visible_to(request.user).filter(pk=item.dossier.holder_id).exists():
        raise Http404
    if not can(request.user, action, model):
        raise PermissionDenied
    return item


@require_http_methods(["GET", "POST"])
def edit_related(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    item = related_or_404(request, kind, pk, "change")
    form = form_for(item)(request.POST or None, item=item, user=request.user)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.edit(item, form.values(), by=request.user)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        except DatabaseIsBusy:
            form.add_error(None, BUSY)
            status = 503
        else:
            messages.success(request, _("Changes saved."))
            return redirect(carry(request, item.dossier.holder.get_absolute_url()))
    context = {"form": form, "item": item, "record": item.dossier.holder, "kind": kind}
    return render(request, "pages/related_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def delete_related(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    item = related_or_404(request, kind, pk, "delete")
    record = item.dossier.holder
    if request.method == "POST":
        services.remove(item, by=request.user)
        messages.success(request, _("Removed."))
        return redirect(carry(request, record.get_absolute_url()))
    return render(request, "pages/related_delete.html", {"item": item, "record": record, "kind": kind})


@require_POST
def finish_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an activity as done."""
    activity = related_or_404(request, "activity", pk, "change")
    services.edit(activity, {"status": Activity.Status.DONE}, by=request.user)
    messages.success(request, _("Done."))
    return redirect(carry(request, activity.dossier.holder.get_absolute_url()))


@require_POST
@or_elsewhere
def tag_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record = find(request, slug, pk, "change")
    try:
        services.set_tags(record, request.POST.get("tags", "").replace("\0", ""), by=request.user)
    except ValidationError:
        messages.error(request, _("A tag takes 50 characters. Shorten it and save again."))
    return redirect(carry(request, record.get_absolute_url()))


@require_POST
@or_elsewhere
def follow_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record = find(request, slug, pk, "view")
    services.follow(record, by=request.user, on=request.POST.get("follow") == "1")
    return redirect(carry(request, record.get_absolute_url()))


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Send a document as an attachment that no browser runs or guesses at."""
    document: Document = related_or_404(request, "document", pk, "view")
    try:
        content = document.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type=document.content_type)
    response["Content-Length"] = document.size
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(document.file_name, safe='')}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def my_activities(request: HttpRequest) -> HttpResponse:
    """The user's own planned activities: overdue, due today, later."""
    if not can(request.user, "view", Activity):
        raise PermissionDenied
    mine = Activity.objects.filter(assigned_to=request.user.pk)
    holders = [f"dossier__{name}" for name in ("lead", "organization", "contact", "opportunity")]
    planned = mine.filter(status=Activity.Status.PLANNED).select_related(*holders).order_by("due_at", "pk")[:200]
    done = mine.exclude(status=Activity.Status.PLANNED).select_related(*holders).order_by("-created_at", "-pk")[:20]
    return render(request, "pages/activities.html", {"groups": group_by_time(list(planned)), "done": done})


def group_by_time(activities: list[Any]) -> list[dict[str, Any]]:
    """Sort planned activities into overdue, today, later and without a time."""
    now, tomorrow = (
        timezone.now(),
        timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1),
    )
    groups: dict[str, list[Any]] = {"overdue": [], "today": [], "later": [], "undated": []}
    for activity in activities:
        when = activity.due_at or activity.starts_at
        key = "undated" if when is None else "overdue" if when < now else "today" if when < tomorrow else "later"
        groups[key].append(activity)
    labels = {"overdue": _("Overdue"), "today": _("Today"), "later": _("Later"), "undated": _("Without a date")}
    return [{"key": key, "label": labels[key], "items": items} for key, items in groups.items() if items]
