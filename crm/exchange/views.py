"""The import's pages: choose a file, match its columns, say what becomes of duplicates, look at the check, run, undo."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from crm.exchange.dialect import UnreadableFile
from crm.exchange.models import FileImport
from crm.exchange.wizard import errors_file, steps
from crm.exchange.wizard.columns import problems
from crm.exchange.wizard.columns_page import ColumnsPage
from crm.exchange.wizard.forms import DuplicatesForm, FileForm
from crm.exchange.wizard.job import KIND, PERMISSION, module
from crm.exchange.wizard.page import ImportPage
from crm.jobs import services
from crm.kit.sheets import csv_response

NEWEST = 20
ACTIONS: dict[str, Callable[..., Any]] = {
    "start": steps.start,
    "pause": steps.pause,
    "resume": steps.resume,
    "cancel": steps.cancel,
    "undo": steps.undo,
    "undo-on": steps.undo_on,
}


@require_http_methods(["GET", "POST"])
def import_leads(request: HttpRequest) -> HttpResponse:
    """Choose a file; and the imports that there were."""
    _authorize(request)
    form = FileForm(request.POST or None, request.FILES or None) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(steps.begin(file.read(), file.name, by=request.user))
        except UnreadableFile as error:
            form.add_error("file", str(error))
    newest = _visible(request).order_by("-pk")[:NEWEST]
    context = {"form": form, "imports": newest}
    return render(request, "exchange/import.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def match_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where each column goes."""
    found = _find(request, pk)
    if not found.is_open:
        return redirect(found)
    choices, wrong = found.choices, {}
    if request.method == "POST":
        if request.POST.get("do") == "anew":
            steps.match_anew(found, by=request.user)
            return redirect("import-columns", found.pk)
        choices = [request.POST.get(f"column-{place}", "") for place in range(len(found.columns))]
        wrong = problems(choices, steps.known_columns(found), module())
        if not wrong:
            steps.choose_columns(found, choices, by=request.user)
            return redirect("import-duplicates", found.pk)
    page = ColumnsPage(found, choices, wrong, request.user.has_perm("fields.add_customfield"))
    return render(request, "exchange/columns.html", {"page": page, "found": found}, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
def choose_duplicates(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what becomes of rows that are there already; then the rows are checked."""
    found = _find(request, pk)
    if not found.is_open:
        return redirect(found)
    if found.step == FileImport.Step.COLUMNS:
        return redirect("import-columns", found.pk)
    initial = {"on_duplicate": found.on_duplicate, "owner": found.owner_id}
    form = DuplicatesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        steps.choose_duplicates(found, by=request.user, **form.cleaned_data)
        return redirect(found)
    return render(
        request, "exchange/duplicates.html", {"form": form, "found": found}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def show_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What the check found, how far the import is, what it did. POST starts, pauses, resumes, cancels or undoes it."""
    found = _find(request, pk)
    if request.method == "POST":
        if action := ACTIONS.get(request.POST.get("action", "")):
            action(found, by=request.user)
        return (
            redirect("import")
            if request.POST.get("action") == "cancel" and not found.job.started_at
            else redirect(found)
        )
    if found.is_open and found.step != FileImport.Step.CHECK:
        return redirect(f"import-{found.step}", found.pk)
    return render(request, "exchange/run.html", {"page": ImportPage(request, found), "found": found, "job": found.job})


@require_safe
def download_errors(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rows that were not taken, as a file."""
    found = _find(request, pk)
    stem = found.file_name.rsplit(".", 1)[0]
    return csv_response(f"{stem}-errors.csv", errors_file.lines(found))


def _authorize(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _visible(request: HttpRequest) -> Any:
    jobs: Any = services.visible_to(request.user).filter(kind=KIND)
    return FileImport.objects.filter(job__in=jobs).select_related("job__created_by", "undoing", "owner")


def _find(request: HttpRequest, pk: int) -> FileImport:
    """An import that the user may look at and steer; Http404 for any other, PermissionDenied for who may not import."""
    _authorize(request)
    found: FileImport = get_object_or_404(_visible(request), pk=pk)
    return found
