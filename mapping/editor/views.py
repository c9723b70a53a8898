"""The mapping editor: one form with all rows, saved as a whole."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields.services import add_option
from crm.kit.numbers import show_number
from mapping import services, table
from mapping.checking import fields_now
from mapping.coverage import reach
from mapping.editor import browser
from mapping.editor.page import Editor
from mapping.editor.rows import Edited, free_number, merge, posted, rows_of, unchanged
from mapping.editor.suggestions import suggest
from mapping.errors import MappingChanged, MappingRefused
from mapping.history.changes import changes
from mapping.models import Revision
from mapping.rows import Row, read
from mapping.rules import missing_options
from mapping.views import check


@require_http_methods(["GET", "POST"])
def edit_mapping(request: HttpRequest) -> HttpResponse:
    """Draw the table to be edited; POST saves it, or draws it again with another row or with what is wrong."""
    check(request)
    mapping = table.current()
    if request.method == "GET":
        return draw(request, unchanged(mapping.rows()), mapping)
    edited = posted(request.POST)
    seen = read_number(request.POST.get("seen", ""))
    if seen != mapping.revision:
        return conflict(request, edited, seen)
    action = request.POST.get("do", "save")
    if action == "add":
        return _with_rows(request, edited, [Row(lead="")], mapping)
    if action == "suggest":
        return _suggest(request, edited, mapping)
    if action.startswith("options:"):
        return _add_options(request, edited, mapping, action.removeprefix("options:"))
    if action == "draw":
        return draw(request, edited, mapping)
    return _save(request, edited, mapping)


def read_number(text: str) -> int:
    """A revision's number as a form sends it; 0, which no revision has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _save(request: HttpRequest, edited: Sequence[Edited], mapping: table.Mapping) -> HttpResponse:
    try:
        saved = services.replace(rows_of(edited), seen=mapping.revision, by=request.user)
    except MappingRefused:
        return draw(request, edited, mapping, status=422, has_summary=True)
    except MappingChanged:
        return conflict(request, edited, mapping.revision)
    if saved.number == mapping.revision:
        messages.info(request, _("Nothing was changed."))
    else:
        say_saved(request)
    return redirect("mapping")


def say_saved(request: HttpRequest) -> None:
    """Tell that a table was saved, and how much of the lead it carries."""
    reached, total = reach(table.current())
    text = _("Mapping saved. %(reached)s of %(total)s lead fields reach a target.")
    messages.success(request, text % {"reached": show_number(reached), "total": show_number(total)})


def _suggest(request: HttpRequest, edited: Sequence[Edited], mapping: table.Mapping) -> HttpResponse:
    rows = list(suggest(rows_of(edited), fields_now()))
    if not rows:
        messages.info(request, _("No unmapped lead field has a free field of the same name and type."))
        return draw(request, edited, mapping)
    return _with_rows(request, edited, rows, mapping)


def _add_options(request: HttpRequest, edited: Sequence[Edited], mapping: table.Mapping, cell: str) -> HttpResponse:
    """Give a target's list the options of the lead field that it lacks; the rows stay as they are being edited."""
    number, _dash, module = cell.removeprefix("r").partition("-")
    row = next((one.row for one in edited if str(one.number) == number), Row(lead=""))
    fields = fields_now()
    source, target = fields["lead"].get(row.lead), fields.get(module, {}).get(row.targets().get(module, ""))
    missing = missing_options(source, target) if source and target and source.kind is target.kind else []
    try:
        with transaction.atomic():
            for one in missing:
                words = {"value": one.value, "label_en": one.label_en, "label_fa": one.label_fa, "colour": one.colour}
                add_option(target.list_key, **words, by=request.user)  # type: ignore[union-attr]
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        if missing:
            names = _(", ").join(str(one.label) for one in missing)
            messages.success(request, _("Options added: %(options)s.") % {"options": names})
    return draw(request, edited, mapping)


def _with_rows(request: HttpRequest, edited: Sequence[Edited], rows: list[Row], mapping: table.Mapping) -> HttpResponse:
    """Draw the page with further rows; the first of them gets the focus."""
    first = free_number(edited, mapping.rows())
    added = [Edited(number=first + place, row=row) for place, row in enumerate(rows)]
    return draw(request, [*edited, *added], mapping, focus=first)


def conflict(request: HttpRequest, edited: Sequence[Edited], seen: int) -> HttpResponse:
    """Somebody saved meanwhile: say who, when and what; the edits are brought to their table, and nothing is saved."""
    mapping = table.current()
    newest = Revision.objects.select_related("saved_by").get(number=mapping.revision)
    before = Revision.objects.filter(number=seen).first()
    theirs = mapping.rows()
    known = read(before.rows) if before else theirs
    context: dict[str, Any] = {"conflict": newest, "differences": changes(known, theirs, fields_now())}
    return draw(request, merge(rows_of(edited), known, theirs), mapping, status=409, **context)


def draw(
    request: HttpRequest,
    edited: Sequence[Edited],
    mapping: table.Mapping,
    *,
    status: int = 200,
    focus: int | None = None,
    has_summary: bool = False,
    **more: Any,
) -> HttpResponse:
    """Draw the editor with these edits of the table in force."""
    plain = "plain" in request.GET or "plain" in request.POST
    editor = Editor(edited=edited, base=mapping.rows(), seen=mapping.revision, plain=plain, focus=focus)
    summary = editor.summary() if has_summary else []
    context = {"editor": editor, "data": {} if plain else browser.data(editor), "summary": summary, **more}
    return render(request, "settings/mapping_edit.html", context, status=status)
