"""The settings pages for users and teams, for administrators only."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.people.forms import TeamForm, UserForm
from crm.people.models import ApiToken, Team, User
from crm.people.services import delete_team, save_user
from crm.people.tokens import create_token


def check(request: HttpRequest) -> None:
    if not request.user.has_perm("people.change_user"):
        raise PermissionDenied


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """All users and teams."""
    check(request)
    users = (
        User.objects.select_related("team").prefetch_related("groups").order_by("-is_active", "first_name", "username")
    )
    return render(request, "people/people.html", {"users": users, "teams": Team.objects.prefetch_related("members")})


@require_http_methods(["GET", "POST"])
def edit_user(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    check(request)
    user = get_object_or_404(User, pk=pk) if pk else User()
    form = UserForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            save_user(
                form.instance, role=form.cleaned_data["role"], password=form.cleaned_data["password"], by=request.user
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Changes saved."))
            return redirect("people")
    context = {"form": form, "heading": _("Edit user") if pk else _("New user")}
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit_team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    check(request)
    form = TeamForm(request.POST or None, instance=get_object_or_404(Team, pk=pk) if pk else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Changes saved."))
        return redirect("people")
    context = {"form": form, "heading": _("Edit team") if pk else _("New team"), "team": form.instance if pk else None}
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


@require_POST
def remove_team(request: HttpRequest, pk: int) -> HttpResponse:
    check(request)
    try:
        delete_team(get_object_or_404(Team, pk=pk), by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Removed."))
    return redirect("people")


@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The user's own API tokens; a new one is shown once."""
    user = cast("User", request.user)
    shown = create_token(user) if request.method == "POST" else ""
    return render(request, "people/tokens.html", {"tokens": user.api_tokens.order_by("-created_at"), "shown": shown})


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(ApiToken, pk=pk, user=request.user.pk).delete()
    messages.success(request, _("Removed."))
    return redirect("tokens")
