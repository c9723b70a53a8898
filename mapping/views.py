"""The settings pages: module manager, a module's fields, and the field mapping."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.fields import registry
from crm.fields.registry import Field, Module
from mapping.coverage import HANDLED, reach, unmapped
from mapping.rows import TARGETS
from mapping.table import Arrow, Mapping, current

FILTERS = ("all", "custom", "unmapped")


def check(request: HttpRequest) -> None:
    """The settings are for administrators only."""
    if not request.user.has_perm("mapping.change_link"):
        raise PermissionDenied


def module_or_404(slug: str) -> Module:
    for module in registry.modules():
        if module.slug == slug:
            return module
    raise Http404


@require_safe
def settings_home(request: HttpRequest) -> HttpResponse:
    check(request)
    mapping = current()
    return render(request, "settings/home.html", {"missing": unmapped(mapping), "reach": reach(mapping)})


@require_safe
def module_manager(request: HttpRequest) -> HttpResponse:
    check(request)
    return render(request, "settings/modules.html", {"modules": registry.modules()})


@require_safe
def module_settings(request: HttpRequest, slug: str) -> HttpResponse:
    check(request)
    return render(request, "settings/module.html", {"module": module_or_404(slug)})


def _drawn(field: Field, arrows: tuple[Arrow, ...]) -> list[dict[str, Any]]:
    """A field's arrows with what the template needs to draw them."""
    drawn = []
    for arrow in (one for one in arrows if one.source == field.key):
        module = registry.module(arrow.module)
        target = module.fields.get(arrow.target)
        drawn.append({"module": module, "label": target.label if target else arrow.target, "problem": arrow.problem})
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """A lead field in the mapping page: its targets by module."""

    field: Field
    cells: list[list[dict[str, Any]]]
    is_locked: bool
    is_handled: bool

    @property
    def is_mapped(self) -> bool:
        return any(self.cells)


@require_safe
def mapping_page(request: HttpRequest) -> HttpResponse:
    """Where each lead value goes when a lead is converted."""
    check(request)
    mapping = current()
    missing = unmapped(mapping)
    wanted = request.GET.get("show", "all")
    context = {
        "module": registry.module("lead"),
        "revision": mapping.revision,
        "rows": _filtered(list(_rows(mapping)), wanted, request.GET.get("q", "")),
        "show": wanted if wanted in FILTERS else "all",
        "text": request.GET.get("q", "")[:100],
        "coverage": _coverage(mapping),
        "missing": missing,
        "open_leads": sum(one.open_leads for one in missing),
    }
    return render(request, "settings/mapping.html", context)


def _rows(mapping: Mapping) -> list[MappingRow]:
    locked = {arrow.source for arrow in mapping.arrows if arrow.locked}
    rows = []
    for field in registry.module("lead").fields.values():
        drawn = _drawn(field, mapping.arrows)
        cells = [[one for one in drawn if one["module"].key == key] for key in TARGETS]
        rows.append(
            MappingRow(field=field, cells=cells, is_locked=field.key in locked, is_handled=field.key in HANDLED)
        )
    return rows


def _filtered(rows: list[MappingRow], wanted: str, text: str) -> list[MappingRow]:
    if wanted == "custom":
        rows = [row for row in rows if row.field.custom]
    elif wanted == "unmapped":
        rows = [row for row in rows if not row.is_mapped and not row.is_handled]
    return [row for row in rows if text.strip().casefold() in str(row.field.label).casefold()]


def _coverage(mapping: Mapping) -> dict[str, Any]:
    """How many of the lead's fields reach a target, and how many reach each."""
    reached, total = reach(mapping)
    targets = [
        (registry.module(key), len({arrow.source for arrow in mapping.arrows if arrow.module == key}))
        for key in TARGETS
    ]
    return {"total": total, "reached": reached, "percent": round(100 * reached / max(total, 1)), "targets": targets}
