"""A module's picklists: their options, added, renamed, ordered, retired and brought back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.fields import contents, dictionary, lists, registry, services
from crm.fields.errors import DictionaryRefused
from crm.fields.forms import OptionForm
from crm.fields.models import PicklistOption
from crm.fields.registry import Field, Module
from crm.kit.numbers import show_number
from mapping.modules.access import module_for


def picklists_of(module: Module) -> list[Field]:
    """The fields of the module that people choose a value in, and the lists of what goes with its records."""
    return [*(field for field in module.editable() if field.kind.chooses), *module.extra.get("more_lists", ())]


def _find(request: HttpRequest, slug: str, key: str) -> tuple[Module, Field]:
    module = module_for(request, slug)
    for field in picklists_of(module):
        if field.key == key:
            return module, field
    raise Http404


def _option(field: Field, pk: int) -> PicklistOption:
    return get_object_or_404(PicklistOption, list_key=field.list_key, pk=pk)


def _back(module: Module, field: Field) -> HttpResponse:
    return redirect("settings-picklist", module.slug, field.key)


@require_safe
def module_picklists(request: HttpRequest, slug: str) -> HttpResponse:
    """The module's lists, each with how many options it offers."""
    module = module_for(request, slug)
    rows = [
        {"field": field, "count": sum(not option.retired for option in dictionary.options(field.list_key))}
        for field in picklists_of(module)
    ]
    return render(request, "settings/modules/picklists.html", {"module": module, "tab": "picklists", "rows": rows})


@require_http_methods(["GET", "POST"])
def show_picklist(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One list with its options and how many records hold each; POST adds an option."""
    module, field = _find(request, slug, key)
    form = OptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_option(field.list_key, by=request.user, **form.cleaned_data)
        except DictionaryRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The option was added."))
            return _back(module, field)
    counts = contents.count_by_option(field.list_key)
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}  # by whether the option is retired
    for option in PicklistOption.objects.filter(list_key=field.list_key):
        rows[option.retired_at is not None].append({"option": option, "count": counts.get(option.value, 0)})
    context = {**_about(module, field), "rows": rows[False], "retired": rows[True], "form": form}
    return render(request, "settings/modules/picklist.html", context, status=422 if form.errors else 200)


def _about(module: Module, field: Field) -> dict[str, Any]:
    """What every page of a list shows: where it is, and who else uses it."""
    others = [
        {"module": registry.module(other.module), "label": other.label}
        for other in lists.fields_of(field.list_key)
        if other.module != module.key
    ]
    return {"module": module, "field": field, "tab": "picklists", "shared": others}


@require_http_methods(["GET", "POST"])
def edit_option(request: HttpRequest, slug: str, key: str, pk: int) -> HttpResponse:
    """Rename an option or give it another colour; the value that records hold stays."""
    module, field = _find(request, slug, key)
    option = _option(field, pk)
    initial = {"label_en": option.label_en, "label_fa": option.label_fa, "colour": option.colour}
    form = OptionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.rename_option(option, by=request.user, **form.cleaned_data)
        except DictionaryRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Changes saved."))
            return _back(module, field)
    context = {**_about(module, field), "form": form, "option": option}
    return render(request, "settings/modules/option.html", context, status=422 if form.errors else 200)


@require_POST
def move_option(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Put an option one place further up or down ("up:12"), or all into the order that is sent."""
    module, field = _find(request, slug, key)
    offered = [option.value for option in dictionary.options(field.list_key) if not option.retired]
    order = [value for value in request.POST.getlist("value") if value in offered] or offered
    way, _colon, value = request.POST.get("move", "").partition(":")
    if value in order and way in ("up", "down"):
        index = order.index(value)
        other = max(0, min(len(order) - 1, index + (-1 if way == "up" else 1)))
        order[index], order[other] = order[other], order[index]
    services.reorder_options(field.list_key, order, by=request.user)
    return _back(module, field)


@require_http_methods(["GET", "POST"])
def retire_option(request: HttpRequest, slug: str, key: str, pk: int) -> HttpResponse:
    """Ask what records that hold the option shall get, then offer it no more."""
    module, field = _find(request, slug, key)
    option = _option(field, pk)
    reasons: list[str] = []
    if request.method == "POST":
        try:
            count = services.retire_option(option, replacement=request.POST.get("replacement") or None, by=request.user)
        except DictionaryRefused as refusal:
            reasons = refusal.messages
        else:
            messages.success(request, _retired(count))
            return _back(module, field)
    known = dictionary.options(field.list_key)
    context = {
        **_about(module, field),
        "option": next(one for one in known if one.value == option.value),
        "others": [one for one in known if not one.retired and one.value != option.value],
        "count": contents.count_by_option(field.list_key).get(option.value, 0),
        "chosen": request.POST.get("replacement", ""),
        "reasons": reasons,
    }
    return render(request, "settings/modules/retire_option.html", context, status=409 if reasons else 200)


def _retired(count: int) -> str:
    if not count:
        return _("The option is offered no more.")
    message = ngettext(
        "The option is offered no more; %(count)s record got its replacement.",
        "The option is offered no more; %(count)s records got its replacement.",
        count,
    )
    return message % {"count": show_number(count)}


@require_POST
def bring_back_option(request: HttpRequest, slug: str, key: str, pk: int) -> HttpResponse:
    module, field = _find(request, slug, key)
    try:
        services.bring_back_option(_option(field, pk), by=request.user)
    except DictionaryRefused as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The option is offered again."))
    return _back(module, field)
