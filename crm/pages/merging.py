"""The page on which two records that are the same are compared and merged."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.kit.contention import BUSY, DatabaseIsBusy
from crm.kit.dates import from_iso
from crm.matching import engine
from crm.matching.keys_in_common import CHIPPED
from crm.pages.forms import LinkField
from crm.pages.records import find
from crm.pages.views import or_elsewhere
from crm.related import filing, merging
from crm.related.counts import related_counts

KEEP, TAKE, APPEND = "keep", "take", "append"


class OtherForm(forms.Form):
    """Which record is merged into this one: its number or name in the address."""

    def __init__(self, record: Any, user: Any, data: Any) -> None:
        super().__init__(data)
        self.record = record
        label = _("Record to merge into this one")
        field = registry.Field(key="with", label=label, kind=LINK, to=record.module.key, required=True)
        self.fields["with"] = self.link = LinkField(field, user)

    def clean(self) -> dict[str, Any]:
        """Find the record; it must be another one that the user may see."""
        pk = self.cleaned_data.get("with")
        if pk is not None:
            self.cleaned_data["other"] = other = self.link.records.filter(pk=pk).first()
            if other is None or pk == self.record.pk:
                self.add_error("with", _("Choose another record that you may see."))
        return self.cleaned_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A field that differs, with both values in words, and which wins now."""

    difference: merging.Difference
    mine: str
    other: str
    wins: str
    errors: list[str]


@dataclass(frozen=True, kw_only=True)
class MergePage:
    """What the template draws: the record that stays, the one that goes, and what differs."""

    record: Any
    other: Any
    user: Any
    chosen: dict[str, str]
    errors: dict[str, list[str]]

    @cached_property
    def _differences(self) -> list[merging.Difference]:
        return list(merging.differences(self.record, self.other))

    def sides(self) -> list[dict[str, Any]]:
        """Both records with what hangs on them."""
        return [{"record": one, "related": sum(related_counts(one.module.key, one.pk).values())} for one in self.both]

    @property
    def both(self) -> tuple[Any, Any]:
        return self.record, self.other

    def lines(self) -> list[Line]:
        return [self._line(one) for one in self._differences if one.needs_a_choice]

    def _line(self, one: merging.Difference) -> Line:
        return Line(
            difference=one,
            mine=merging.shown(self.record, one.field, one.mine),
            other=merging.shown(self.other, one.field, one.other),
            wins=self.chosen.get(one.field.key, KEEP),
            errors=self.errors.get(one.field.key, []),
        )

    def fillings(self) -> list[tuple[str, str]]:
        """The fields that are empty in the record that stays, and what the other fills them with."""
        return [
            (str(one.field.label), merging.shown(self.other, one.field, one.other))
            for one in self._differences
            if one.is_filling and not one.is_consent
        ]

    def consents(self) -> list[str]:
        return [str(one.field.label) for one in self._differences if one.is_consent]

    def problems(self) -> Iterator[tuple[str, str]]:
        """The id of the control to go to, and what is wrong there."""
        labels = self.record.module.fields
        for key, texts in self.errors.items():
            for text in texts:
                yield f"wins-{key}-keep", f"{labels[key].label}: {text}" if key in labels else text


@require_http_methods(["GET", "POST"])
@or_elsewhere
def merge_records(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose the other record (?with=), compare the two, and merge on POST."""
    record = find(request, slug, pk, "change")
    form = OtherForm(record, request.user, request.GET if "with" in request.GET else None)
    if not form.is_valid():
        return _choose(request, record, form)
    other = form.cleaned_data["other"]
    return _merge(request, record, other) if request.method == "POST" else _compare(request, record, other)


def _choose(request: HttpRequest, record: Any, form: OtherForm) -> HttpResponse:
    found = engine.find(record, by=request.user).matches.get(record.module.key, ())
    matches = [match for match in found if match.about == CHIPPED.get(record.module.key)]
    context = {"module": record.module, "record": record, "form": form, "matches": matches}
    return render(request, "pages/merge_choose.html", context, status=422 if form.errors else 200)


def _merge(request: HttpRequest, record: Any, other: Any) -> HttpResponse:
    chosen = {key.removeprefix("wins-"): str(value) for key, value in request.POST.items() if key.startswith("wins-")}
    take, append = ({key for key, value in chosen.items() if value == how} for how in (TAKE, APPEND))
    seen = {one.pk: moment for one in (record, other) if (moment := from_iso(request.POST.get(f"seen-{one.pk}", "")))}
    try:
        merging.merge(record, other, by=request.user, take=take, append=append, seen=seen)
    except ValidationError as error:
        return _compare(request, record, other, chosen, filing.errors_of(error), status=422)
    except filing.RecordChanged as changed:
        text = _("%(name)s was changed by %(user)s meanwhile. Check the values and save again.")
        conflict = text % {"name": changed.record.title, "user": changed.record.modified_by}
        return _compare(request, _fresh(record), _fresh(other), chosen, {"": [conflict]}, status=409)
    except DatabaseIsBusy:
        return _compare(request, record, other, chosen, {"": [str(BUSY)]}, status=503)
    except merging.NotMergeable:
        messages.error(request, _("The other record is not there any more. Nothing was merged."))
        return redirect(record)
    messages.success(request, _("%(number)s was merged into this record.") % {"number": other.number})
    return redirect(record)


def _fresh(record: Any) -> Any:
    return type(record)._base_manager.get(pk=record.pk)


def _compare(
    request: HttpRequest,
    record: Any,
    other: Any,
    chosen: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    page = MergePage(record=record, other=other, user=request.user, chosen=chosen or {}, errors=errors or {})
    context = {"module": record.module, "record": record, "other": other, "page": page}
    return render(request, "pages/merge.html", context, status=status)
