"""Records that look the same: beside a record, and while one is being typed. Never in the way: they come after the page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.fields import registry
from crm.kit.keys import parse_key
from crm.matching import engine
from crm.matching.engine import COMPARISONS, Alike
from crm.matching.keys_in_common import CHIPPED
from crm.matching.writing import fields_of
from crm.pages.records import find, module_or_404
from crm.pages.views import or_elsewhere
from crm.records.base import Mergeable

FEW, SOME = 3, 5  # matches per module while typing and beside a record
LONGEST = 255  # characters of a value that are looked at


@require_safe
@or_elsewhere
def similar_records(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What looks like this record; with ?part=1 only the list, for the record's own page."""
    record = find(request, slug, pk, "view")
    alike = engine.find(record, by=request.user)
    module = record.module
    may_merge = isinstance(record, Mergeable) and request.user.has_perm(module.permission("change"))
    # Two leads of one company are not one lead: only what is the same thing can be merged.
    context = {"record": record, "module": module, "merges": CHIPPED.get(module.key, "") if may_merge else ""}
    if "part" in request.GET:
        return render(request, "pages/_similar.html", {**_context(alike, SOME), **context})
    return render(request, "pages/similar.html", {**_context(alike, engine.MOST), **context})


@require_safe
def similar_to_typed(request: HttpRequest, slug: str) -> HttpResponse:
    """What looks like the record that is being typed, whose values are in the address; `pk` names it if it is stored."""
    module = module_or_404(slug)
    if not any(request.user.has_perm(module.permission(action)) for action in ("add", "change")):
        raise PermissionDenied
    alike = engine.find(_typed(module, request), by=request.user)
    return render(request, "pages/_similar.html", {**_context(alike, FEW), "is_typing": True})


def _typed(module: registry.Module, request: HttpRequest) -> Any:
    """A record in memory with what was typed so far, as far as it matters."""
    typed: Any = module.model()
    for key in fields_of(module.key):
        value = request.GET.get(key, "").replace("\0", "")[:LONGEST]
        if key.startswith("cf_"):
            typed.custom[key] = value
        elif key in module.fields:
            setattr(typed, key, value)
    typed.pk = parse_key(request.GET.get("pk", ""))
    return typed


def _context(alike: Alike, most: int) -> dict[str, Any]:
    """The matches by module in the sidebar's order, and the modules with one that the user may not see."""
    groups = [
        (module, alike.matches[module.key][:most]) for module in registry.modules() if module.key in alike.matches
    ]
    hidden = [module for module in registry.modules() if module.key in alike.hidden]
    return {"groups": groups, "hidden": hidden, "has_more": any(len(found) > most for found in alike.matches.values())}


def slugs() -> list[str]:
    """The modules whose records can be alike."""
    return [module.slug for module in registry.modules() if module.key in COMPARISONS]
