"""Search over all modules at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from crm.fields import registry
from crm.kit.digits import to_latin
from crm.kit.keys import parse_key

PER_MODULE = 10


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find records by half a name, a phone, an e-mail …, or go straight to the one whose number was typed."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    if record := numbered(text, request.user):
        return redirect(record)
    groups = [group for module in registry.modules() if text and (group := _found(module, text, request.user))]
    return render(request, "pages/search.html", {"text": text, "groups": groups})


def numbered(text: str, user: Any) -> Any:
    """The record with this number (LEA12), if the user may see it."""
    for module in registry.modules():
        digits = to_latin(text).upper().removeprefix(module.prefix)
        if text.upper().startswith(module.prefix) and (pk := parse_key(digits)) is not None:
            manager: Any = module.model._default_manager
            return manager.visible_to(user).filter(pk=pk).first()
    return None


def _found(module: registry.Module, text: str, user: Any) -> dict[str, Any] | None:
    manager: Any = module.model._default_manager
    records = list(
        manager.visible_to(user)
        .matching(text)
        .select_related("assigned_to")
        .order_by("-created_at", "-pk")[: PER_MODULE + 1]
    )
    subtitle = module.extra.get("subtitle", "")
    rows = [{"record": record, "subtitle": getattr(record, subtitle, "")} for record in records[:PER_MODULE]]
    return {"module": module, "rows": rows, "has_more": len(records) > PER_MODULE} if rows else None
