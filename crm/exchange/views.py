"""The import page: choose a file, see what would happen, import it."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm.exchange.dialect import UnreadableFile, table_from
from crm.exchange.importing import CREATE, SKIP, UPDATE, Import
from crm.exchange.report import Report
from crm.fields import registry
from crm.people.models import User

MAX_BYTES = 50 * 1024 * 1024
SHOWN_ERRORS = 20


class ImportForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File (CSV or XLSX)"))
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Who gets rows whose owner is unknown"),
        queryset=User.objects.filter(is_active=True).order_by("first_name", "username"),
        empty_label=None,
    )
    on_duplicate = forms.ChoiceField(
        label=gettext_lazy("Rows that are there already"),
        choices=[
            (SKIP, gettext_lazy("Skip them")),
            (UPDATE, gettext_lazy("Fill the empty fields of the lead that is there")),
            (CREATE, gettext_lazy("Create them again")),
        ],
    )

    create_fields = forms.BooleanField(
        label=gettext_lazy("Make fields of columns without one; their type is told from their values"), required=False
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("This file is too large. Split it and import the parts."))
        return file


@require_http_methods(["GET", "POST"])
def import_leads(request: HttpRequest) -> HttpResponse:
    """Import leads; the button pressed says whether only to check. The file is chosen again for the real run."""
    if not request.user.has_perm("leads.import_leads"):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None, initial={"owner": request.user.pk})
    report = _run(request, form) if request.method == "POST" and form.is_valid() else None
    if report and not report.is_dry_run and report.is_complete:
        text = _("%(created)s leads imported, %(updated)s updated, %(skipped)s skipped.")
        messages.success(
            request, text % {"created": report.created, "updated": report.updated, "skipped": report.skipped}
        )
        return redirect("leads-list")
    context = {"form": form, "report": report, "errors": report.bad[:SHOWN_ERRORS] if report else []}
    return render(request, "exchange/import.html", context, status=422 if form.errors else 200)


def _run(request: HttpRequest, form: ImportForm) -> Report | None:
    data = form.cleaned_data
    try:
        table = table_from(data["file"].read())
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return None
    importing = Import(
        table,
        registry.module("lead"),
        by=cast("User", request.user),
        owner=data["owner"],
        on_duplicate=data["on_duplicate"],
        create_fields=data["create_fields"],
    )
    return importing.run(dry_run="check" in request.POST)
