"""The layout editor: which block a field stands in, and in which order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields import services
from crm.fields.errors import DictionaryRefused
from crm.fields.registry import Field, Module
from mapping.modules.access import module_for

Places = dict[str, list[str]]  # the keys of fields by block, both in order


@require_http_methods(["GET", "POST"])
def edit_layout(request: HttpRequest, slug: str) -> HttpResponse:
    """Show blocks with their fields; POST takes an order, or moves one field up or down, and saves."""
    module = module_for(request, slug)
    if request.method == "POST":
        places = _sent(request, module)
        way, _colon, key = request.POST.get("move", "").partition(":")
        try:
            services.arrange(module.key, _moved(places, key, way), by=request.user)
        except DictionaryRefused as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, _("Changes saved."))
        return redirect(f"/settings/modules/{slug}/layout/{f'#field-{key}' if key else ''}")
    blocks = [
        {"key": key, "label": module.open_blocks()[key], "fields": fields} for key, fields in _now(module).items()
    ]
    return render(request, "settings/modules/layout.html", {"module": module, "tab": "layout", "blocks": blocks})


def _now(module: Module) -> dict[str, list[Field]]:
    """The fields by block as they stand."""
    blocks: dict[str, list[Field]] = {key: [] for key in module.open_blocks()}
    for field in module.editable():
        blocks[field.block].append(field)
    return blocks


def _sent(request: HttpRequest, module: Module) -> Places:
    """The order that was sent; a field's block is the one chosen beside it."""
    places: Places = {key: [] for key in module.open_blocks()}
    fields = {field.key: field for field in module.editable()}
    for key in dict.fromkeys(request.POST.getlist("place")):
        if key in fields:
            places.setdefault(request.POST.get(f"block-{key}", fields[key].block), []).append(key)
    return places


def _moved(places: Places, key: str, way: str) -> Places:
    """The order with one field a place further up or down; from the edge of a block it goes into the next one."""
    blocks = list(places)
    block = next((name for name, keys in places.items() if key in keys), None)
    if block is None or way not in ("up", "down"):
        return places
    keys, step = places[block], -1 if way == "up" else 1
    index = keys.index(key) + step
    if 0 <= index < len(keys):
        keys[index], keys[index - step] = keys[index - step], keys[index]
    elif 0 <= (beside := blocks.index(block) + step) < len(blocks):
        keys.remove(key)
        places[blocks[beside]].insert(len(places[blocks[beside]]) if way == "up" else 0, key)
    return places
