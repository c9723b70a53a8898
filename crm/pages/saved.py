"""Keeping a list as it is: saved views, and the choice of columns."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.fields import registry
from crm.lists import saving
from crm.lists.models import SavedView
from crm.lists.selection import MAX_COLUMNS, NotUnderstood, Selection, State
from crm.pages.records import module_or_404


def _selection(request: HttpRequest, slug: str) -> Selection:
    """The list that the address describes, for who may see such a list."""
    module = module_or_404(slug)
    if not request.user.has_perm(module.permission("view")):
        raise PermissionDenied
    return Selection(request.user, module, request.GET)


def _own(request: HttpRequest, module: registry.Module, pk: int) -> SavedView:
    view = SavedView.objects.filter(owner=request.user.pk, module=module.key, pk=pk).exclude(name="").first()
    if view is None:
        raise Http404
    return view


def _whole(listing: Selection) -> State:
    """What a view of this list has to hold. Raises NotUnderstood for one that would hold something else."""
    if listing.left_out or any(one.key == "view" for one in listing.misread):
        raise listing.refusal()
    return {"tab": [listing.tab], **listing.state}


@require_http_methods(["GET", "POST"])
def new_view(request: HttpRequest, slug: str) -> HttpResponse:
    """Save the list that the address describes under a name."""
    listing = _selection(request, slug)
    problem = ""
    if request.method == "POST":
        try:
            view = _save(request, listing.module, _whole(listing))
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            messages.success(request, _("The view “%(name)s” was saved.") % {"name": view.name})
            return redirect(f"/{slug}/?view={view.key}")
    return _form(request, listing, problem)


def _save(request: HttpRequest, module: registry.Module, state: State, view: SavedView | None = None) -> SavedView:
    return saving.save_view(
        module.key,
        state,
        by=request.user,
        name=request.POST.get("name", ""),
        is_shared="shared" in request.POST,
        view=view,
    )


def _form(request: HttpRequest, listing: Selection, problem: str, view: SavedView | None = None) -> HttpResponse:
    context = {
        "module": listing.module,
        "listing": listing,
        "view": view,
        "problem": problem,
        "name": request.POST.get("name", view.name if view else ""),
        "is_shared": "shared" in request.POST if request.method == "POST" else bool(view and view.is_shared),
        "back": f"/{listing.module.slug}/{listing.address()}",
    }
    return render(request, "lists/view_form.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def edit_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Rename a view of one's own or share it; with `state` in the form, save the list as it is now in it."""
    listing = _selection(request, slug)
    view = _own(request, listing.module, pk)
    problem = ""
    if request.method == "POST" and "state" in request.POST:
        try:
            view.state = _whole(listing)
        except NotUnderstood as refusal:
            return _form(request, listing, refusal.messages[0], view)
        view.save(update_fields=["state"])
        messages.success(request, _("The view “%(name)s” was saved.") % {"name": view.name})
        return redirect(f"/{slug}/?view={view.key}")
    if request.method == "POST":
        try:
            _save(request, listing.module, view.state, view)
        except ValidationError as error:
            problem = " ".join(error.messages)
            view.refresh_from_db()
        else:
            messages.success(request, _("Changes saved."))
            return redirect(f"/{slug}/?view={view.key}")
    return _form(request, listing, problem, view)


@require_POST
def delete_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    view = _own(request, _selection(request, slug).module, pk)
    name = view.name
    view.delete()
    messages.success(request, _("The view “%(name)s” was deleted.") % {"name": name})
    return redirect(f"/{slug}/")


@require_http_methods(["GET", "POST"])
def choose_columns(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose and order the columns: for a saved view in its address, to be saved with it; else for all ready-made views."""
    listing = _selection(request, slug)
    fields = listing.module.fields
    chosen = [field.key for field in listing.columns]
    if request.method == "POST":
        sent = [key for key in dict.fromkeys(request.POST.getlist("col")) if key in fields][:MAX_COLUMNS]
        if "move" not in request.POST:
            return redirect(f"/{slug}/{_kept(request, listing, [] if 'usual' in request.POST else sent)}")
        chosen = moved(sent, request.POST["move"])
    rest = [key for key in fields if key not in chosen]
    context: dict[str, Any] = {
        "module": listing.module,
        "listing": listing,
        "chosen": [fields[key] for key in chosen],
        "rest": [fields[key] for key in rest],
        "back": f"/{slug}/{listing.address()}",
    }
    return render(request, "lists/columns.html", context)


def _kept(request: HttpRequest, listing: Selection, columns: list[str]) -> str:
    """Keep the columns and give the address that shows them; a saved view changes only when it is saved."""
    if listing.view:
        return listing.address(col=columns)
    saving.keep_columns(listing.module.key, columns, by=request.user)
    return listing.address(col=[])


def moved(keys: list[str], move: str) -> list[str]:
    """The keys with one of them a place up or down: "up:phone"."""
    direction, _colon, key = move.partition(":")
    if key not in keys:
        return keys
    at = keys.index(key)
    to = max(0, at - 1) if direction == "up" else min(len(keys) - 1, at + 1)
    keys[at], keys[to] = keys[to], keys[at]
    return keys
