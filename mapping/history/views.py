"""Every table that ever was: look, compare, restore, carry to another installation and back."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.fields import registry
from mapping import services, table, wire
from mapping.checking import fields_now, label
from mapping.defaults import ROWS
from mapping.editor.rows import align, unchanged
from mapping.editor.views import conflict, draw, read_number, say_saved
from mapping.errors import MappingChanged, MappingRefused
from mapping.history.changes import changes
from mapping.history.sentences import sentences
from mapping.models import Revision
from mapping.rows import TARGETS, Row, read
from mapping.views import check

SIZE = 20  # revisions on a page


@require_safe
def mapping_history(request: HttpRequest) -> HttpResponse:
    """The revisions, newest first, each with what it changed."""
    check(request)
    return _list(request)


def _list(request: HttpRequest, *, status: int = 200, problems: Sequence[str] = ()) -> HttpResponse:
    before = read_number(request.GET.get("before", ""))
    revisions = Revision.objects.select_related("saved_by")
    found = list((revisions.filter(number__lt=before) if before else revisions)[: SIZE + 1])
    fields = fields_now()
    older: list[Revision | None] = [*found[1:], None]
    lines = [
        {"revision": one, "changes": changes(read(last.rows), read(one.rows), fields) if last else None}
        for one, last in zip(found, older, strict=True)
    ]
    context = {
        "module": registry.module("lead"),
        "lines": lines[:SIZE],
        "next": found[SIZE - 1].number if len(found) > SIZE else 0,
        "current": Revision.objects.values_list("number", flat=True).first() or 0,
        "problems": problems,
    }
    return render(request, "settings/mapping_history.html", context, status=status)


@require_http_methods(["GET", "POST"])
def mapping_revision(request: HttpRequest, number: int) -> HttpResponse:
    """One table and how it differs from another (?with=), from the one in force if none is named. POST restores it."""
    check(request)
    revision = get_object_or_404(Revision.objects.select_related("saved_by"), number=number)
    current = table.current()
    if request.method == "POST":
        return _put(request, read(revision.rows), lambda seen: services.restore(number, seen=seen, by=request.user))
    with_number = read_number(request.GET.get("with", "")) or current.revision
    other = Revision.objects.filter(number=with_number).first()
    fields = fields_now()
    rows = read(revision.rows)
    context = {
        "module": registry.module("lead"),
        "revision": revision,
        "rows": [_drawn(row) for row in rows],
        "other": other,
        "with_number": with_number,
        "changes": changes(read(other.rows), rows, fields) if other else [],
        "current": current.revision,
    }
    return render(request, "settings/mapping_revision.html", context)


def _drawn(row: Row) -> dict[str, Any]:
    fields = fields_now()
    cells = [label(fields, module, row.targets()[module]) if module in row.targets() else "" for module in TARGETS]
    return {"lead": label(fields, "lead", row.lead), "cells": cells, "is_locked": row.locked}


@require_POST
def restore_defaults(request: HttpRequest) -> HttpResponse:
    check(request)
    return _put(request, ROWS, lambda seen: services.defaults(seen=seen, by=request.user))


@require_safe
def export_mapping(request: HttpRequest) -> HttpResponse:
    """Download a table (?revision=), the one in force if none is named, as the API writes it."""
    check(request)
    number = read_number(request.GET.get("revision", ""))
    revision = get_object_or_404(Revision, number=number) if number else Revision.objects.first()
    kept = {"revision": revision.number, "rows": revision.rows} if revision else {"revision": 0, "rows": []}
    answer = JsonResponse(kept, json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="field-mapping-{kept["revision"]}.json"'
    return answer


@require_POST
def import_mapping(request: HttpRequest) -> HttpResponse:
    """Put an uploaded table in force. What is wrong with it is said by row and column, and nothing is saved."""
    check(request)
    file = request.FILES.get("file")
    if file is None:
        return _list(request, status=422, problems=[_("Choose a JSON file that was exported here.")])
    try:
        rows = wire.read_rows(wire.loads(file.read(wire.MAX_BYTES + 1)))
    except wire.MappingUnreadable as error:
        return _list(request, status=422, problems=[str(error)])
    except MappingRefused as refusal:
        return _list(request, status=422, problems=sentences(refusal.errors))
    return _put(request, rows, lambda seen: services.replace(rows, seen=seen, by=request.user))


def _put(request: HttpRequest, rows: Sequence[Row], save: Callable[[int], Revision]) -> HttpResponse:
    """Save a whole table; where the rules or somebody else's save stand against it, it goes to the editor."""
    seen = read_number(request.POST.get("seen", ""))
    try:
        saved = save(seen)
    except MappingChanged:
        return conflict(request, unchanged(rows), seen)
    except MappingRefused as refusal:
        mapping = table.current()
        refused: dict[str, Any] = {
            "refused": sentences(refusal.errors),
            "refused_title": _("The mapping was not saved."),
        }
        return draw(request, align(rows, mapping.rows()), mapping, status=422, **refused)
    if saved.number == seen:
        messages.info(request, _("Nothing was changed."))
    else:
        say_saved(request)
    return redirect("mapping")
