"""The settings page where administrators say what counts as a likely duplicate."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields import registry
from crm.kit.digits import to_latin
from crm.kit.numbers import show_number
from crm.matching import rules
from crm.matching.models import Rules

NUMBERS = ("strong_from", "shown_from")


class Percent(forms.IntegerField):
    """A whole number, typed in any script."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr"})

    def to_python(self, value: object) -> int | None:
        return super().to_python(to_latin(str(value or "")).replace("%", "").replace("٪", "").strip())

    def prepare_value(self, value: Any) -> Any:
        return show_number(value) if isinstance(value, int) else value


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Rules
        fields = rules.COLUMNS
        field_classes = dict.fromkeys(NUMBERS, Percent)
        widgets = dict.fromkeys(NUMBERS, forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update({name: show_number(self.initial[name]) for name in NUMBERS})

    def kinds(self) -> list[forms.BoundField]:
        """What may count."""
        return [self[name] for name in self.fields if name not in NUMBERS]

    def thresholds(self) -> list[forms.BoundField]:
        return [self[name] for name in NUMBERS]

    def clean(self) -> None:
        super().clean()
        strong, shown = (self.cleaned_data.get(name) for name in NUMBERS)
        if strong and shown and shown > strong:
            self.add_error(
                "shown_from",
                _("A strong duplicate is shown too: enter at most %(strong)s.") % {"strong": show_number(strong)},
            )
        if not any(self.cleaned_data.get(bound.name) for bound in self.kinds()):
            self.add_error(None, _("Tick at least one sign, or no duplicate is ever found."))


@require_http_methods(["GET", "POST"])
def duplicate_rules(request: HttpRequest) -> HttpResponse:
    """By what duplicates are found, and how sure it has to be."""
    if not request.user.has_perm("matching.change_rules"):
        raise PermissionDenied
    form = RulesForm(request.POST or None, instance=rules.current())
    if request.method == "POST" and form.is_valid():
        rules.save(form.instance)
        messages.success(request, _("Changes saved."))
        return redirect("settings-duplicates")
    context = {"form": form, "module": registry.module("lead")}
    return render(request, "settings/duplicates.html", context, status=422 if form.errors else 200)
