"""A module's fields: the table, the switches in it, and the forms for making and changing one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.fields import contents, registry, services
from crm.fields.errors import DictionaryRefused
from crm.fields.forms import FieldForm, OptionRows, SettingForm
from crm.fields.kinds import CHECKBOX
from crm.fields.models import CustomField, PicklistOption
from crm.fields.registry import Field, Module
from crm.fields.services import NewOption
from mapping.born import create_everywhere, resize
from mapping.coverage import HANDLED
from mapping.errors import MappingRefused
from mapping.modules.access import custom_field_for, field_for, module_for
from mapping.rows import TARGETS
from mapping.table import Arrow, current


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A line of the table: a field, and the fields at the other ends of its arrows."""

    field: Field
    ends: list[dict[str, Any]]
    is_handled: bool

    @property
    def can_be_mandatory(self) -> bool:
        return self.field.kind is not CHECKBOX and not self.field.read_only

    @property
    def default(self) -> str:
        return self.field.show(self.field.default)


@require_safe
def module_fields(request: HttpRequest, slug: str) -> HttpResponse:
    """All fields of a module: type, size, mandatory, default, quick create, and what becomes of them on conversion."""
    module = module_for(request, slug)
    text = request.GET.get("q", "")[:100]
    context = {
        "module": module,
        "rows": [row for row in _rows(module) if _is_found(row.field, text)],
        "text": text,
        "tab": "fields",
        "retired": CustomField.objects.filter(module=module.key).exclude(retired_at=None),
        "b2c": _b2c(module),
    }
    return render(request, "settings/modules/fields.html", context)


def _rows(module: Module) -> Iterator[FieldRow]:
    arrows = current().arrows
    for field in module.fields.values():
        handled = module.key == "lead" and field.key in HANDLED
        yield FieldRow(field=field, ends=list(_ends(field, arrows)), is_handled=handled or field.read_only)


def _ends(field: Field, arrows: tuple[Arrow, ...]) -> Iterator[dict[str, Any]]:
    """The other ends of a field's arrows, as chips: targets of a lead's field, the source of any other."""
    for arrow in arrows:
        if field.module == "lead" and arrow.source == field.key:
            yield _chip(arrow.module, arrow.target, arrow)
        elif (arrow.module, arrow.target) == (field.module, field.key):
            yield _chip("lead", arrow.source, arrow)


def _chip(module: str, key: str, arrow: Arrow) -> dict[str, Any]:
    there = registry.module(module)
    end = there.fields.get(key)
    return {"module": there, "label": end.label if end else key, "problem": arrow.problem}


def _is_found(field: Field, text: str) -> bool:
    wanted = text.strip().casefold()
    return wanted in str(field.label).casefold() or wanted in field.key


def _b2c(module: Module) -> dict[str, Any] | None:
    """The switch between selling to people and to businesses: whether a lead's company is mandatory."""
    company = module.fields.get("company")
    if module.key != "lead" or company is None:
        return None
    return {"is_on": not company.required, "without": contents.count_empty(company)}


@require_POST
def switch_field(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Make a field mandatory or optional, or show it in quick create or not: the switches of the table."""
    module, field = field_for(request, slug, key)
    name = "in_quick_create" if request.POST.get("what") == "in_quick_create" else "required"
    wanted = request.POST.get("on") == "1"
    try:
        services.set_field(module.key, field.key, by=request.user, **{name: wanted})
    except DictionaryRefused as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Changes saved."))
    return redirect(f"/settings/modules/{slug}/fields/#field-{field.key}")


@require_http_methods(["GET", "POST"])
def new_field(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a custom field, and with it the same field where its value goes on conversion."""
    module = module_for(request, slug)
    like = _like(request.GET.get("like", ""))
    form = FieldForm(request.POST or None, initial=_values(like) if like else {"kind": "text", "length": 100})
    more = "more" in request.POST
    options = OptionRows(request.POST or None, _options(like) if like else None, more=more)
    if request.method == "POST" and not more and form.is_valid():
        also_on = [key for key in request.POST.getlist("also_on") if key in TARGETS]
        definition = {**form.definition(), "options": options.filled() if _chooses(form) else ()}
        try:
            create_everywhere(module.key, also_on=also_on, is_mapped=bool(also_on), by=request.user, **definition)
        except DictionaryRefused as refusal:
            form.refuse(refusal)
        except MappingRefused as refusal:
            form.refuse(
                ValidationError([text for row in refusal.errors.values() for texts in row.values() for text in texts])
            )
        else:
            messages.success(request, _("The field was made."))
            return redirect("settings-fields", module.slug)
    return _form_page(request, module, form, options=options, is_new=True, more=more)


def _chooses(form: FieldForm) -> bool:
    return form.cleaned_data["kind"] in ("picklist", "multipicklist")


def _like(name: str) -> Field | None:
    """The field that another is to be made like: "lead.cf_budget"."""
    module, _dot, key = name.partition(".")
    known = {one.key: one for one in registry.modules()}
    return known[module].fields.get(key) if module in known else None


def _values(field: Field) -> dict[str, Any]:
    """A form's beginning that makes a field fitting another one."""
    custom = CustomField.objects.filter(module=field.module, key=field.key).first() if field.custom else None
    labels = {"label_en": custom.label_en, "label_fa": custom.label_fa} if custom else _both_labels(field)
    size = {
        "length": field.length if field.kind.size == "length" else None,
        "digits": field.digits,
        "places": field.places,
    }
    return {**labels, **size, "kind": field.kind.key}


def _both_labels(field: Field) -> dict[str, str]:
    found = {}
    for language in ("en", "fa"):
        with translation.override(language):
            found[f"label_{language}"] = str(field.label)
    return found


def _options(field: Field) -> list[NewOption]:
    rows = PicklistOption.objects.filter(list_key=field.list_key) if field.kind.chooses else ()
    return [NewOption(value=row.value, label_en=row.label_en, label_fa=row.label_fa, colour=row.colour) for row in rows]


def _form_page(
    request: HttpRequest,
    module: Module,
    form: Any,
    *,
    options: Any = None,
    is_new: bool = False,
    more: bool = False,
    **rest: Any,
) -> HttpResponse:
    context = {
        "module": module,
        "form": form,
        "tab": "fields",
        "options": options,
        "is_new": is_new,
        "targets": [registry.module(key) for key in TARGETS] if module.key == "lead" else [],
        "also_on": request.POST.getlist("also_on"),
        **rest,
    }
    status = 422 if form.is_bound and form.errors and not more else 200
    return render(request, "settings/modules/field.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit_field(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Change a field: all of a custom one, and of a standard one what may be set."""
    module, field = field_for(request, slug, key)
    if field.custom:
        return _edit_custom(request, module, field)
    form = SettingForm(field, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_field(module.key, field.key, by=request.user, **form.settings())
        except DictionaryRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Changes saved."))
            return redirect("settings-fields", module.slug)
    return _form_page(request, module, form, field=field)


def _edit_custom(request: HttpRequest, module: Module, field: Field) -> HttpResponse:
    custom = CustomField.objects.get(module=module.key, key=field.key)
    columns = (
        "label_en",
        "label_fa",
        "kind",
        "length",
        "digits",
        "places",
        "required",
        "in_quick_create",
        "help_en",
        "help_fa",
    )
    form = FieldForm(request.POST or None, field=field, initial={name: getattr(custom, name) for name in columns})
    more, options = "more" in request.POST, OptionRows(request.POST or None, more="more" in request.POST)
    if request.method == "POST" and not more and form.is_valid():
        try:
            _save(custom, form, options, request.user)
        except DictionaryRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Changes saved."))
            return redirect("settings-fields", module.slug)
    rest: dict[str, Any] = {"field": field, "custom": custom, "ends": list(_ends(field, current().arrows))}
    return _form_page(request, module, form, options=None if field.kind.chooses else options, more=more, **rest)


def _save(custom: CustomField, form: FieldForm, options: OptionRows, by: Any) -> None:
    """Type or size first, then the rest; all or nothing."""
    definition = form.definition()
    size = {name: definition.pop(name) for name in ("length", "digits", "places") if name in definition}
    kind = definition.pop("kind")
    with transaction.atomic():
        if kind != custom.kind:
            rows = options.filled() if _chooses(form) else ()
            services.retype_field(custom, kind=kind, options=rows, **size, by=by)
            definition.pop("default")  # it was typed for the old type, and rewritten with the values
        elif any(getattr(custom, name) != value for name, value in size.items()):
            resize(custom, **size, by=by)
        services.edit_field(custom, by=by, **definition)


@require_http_methods(["GET", "POST"])
def retire_field(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Ask, then hide a custom field everywhere. What the mapping needs is named instead."""
    module, custom = custom_field_for(request, slug, key)
    reasons: list[str] = []
    if request.method == "POST":
        try:
            services.retire_field(custom, by=request.user)
        except DictionaryRefused as refusal:
            reasons = refusal.messages
        else:
            messages.success(request, _("The field is hidden. What it holds is kept."))
            return redirect("settings-fields", module.slug)
    context = {
        "module": module, "tab": "fields", "custom": custom, "field": custom.as_field(), "reasons": reasons,
        "holders": contents.holders(custom).count(),
    }  # fmt: skip
    return render(request, "settings/modules/retire_field.html", context, status=409 if reasons else 200)


@require_POST
def bring_back_field(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    module, custom = custom_field_for(request, slug, key)
    try:
        services.bring_back_field(custom, by=request.user)
    except DictionaryRefused as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The field is back, with what it held."))
    return redirect("settings-fields", module.slug)
