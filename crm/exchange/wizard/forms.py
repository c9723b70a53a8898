"""The forms of the import's steps."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.exchange.importing import SKIP
from crm.exchange.models import ON_DUPLICATE
from crm.people.models import User

MAX_BYTES = 50 * 1024 * 1024


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File (CSV or XLSX)"),
        error_messages={"empty": gettext_lazy("This file is empty.")},
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            text = _("This file is larger than %(megabytes)s MB. Split it and import the parts.")
            raise forms.ValidationError(text % {"megabytes": MAX_BYTES // 1024 // 1024})
        return file


class DuplicatesForm(forms.Form):
    on_duplicate = forms.ChoiceField(
        label=gettext_lazy("Rows that are there already"), choices=ON_DUPLICATE, widget=forms.RadioSelect, initial=SKIP
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Who gets rows whose owner is unknown"),
        queryset=User.objects.filter(is_active=True).order_by("first_name", "username"),
        empty_label=None,
    )
