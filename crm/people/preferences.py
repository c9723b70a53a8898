"""Change the language or the theme from any page and come back to it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from crm.people.models import User

CHOICES = {"language": {"", *dict(settings.LANGUAGES)}, "theme": {"", "light", "dark"}}
A_YEAR = 365 * 24 * 60 * 60  # seconds


@login_not_required
@require_POST
def change_preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was sent of language and theme for the user; the language also in a cookie, for the page to sign in."""
    chosen = {name: request.POST[name] for name in CHOICES if request.POST.get(name) in CHOICES[name]}
    if request.user.is_authenticated and chosen:
        User.objects.filter(pk=request.user.pk).update(**chosen)
    response = HttpResponseRedirect(safe_address(request, request.POST.get("next", "")))
    if language := chosen.get("language"):
        remember_language(response, language)
    return response


def remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def safe_address(request: HttpRequest, address: Any) -> str:
    """The address if it is one of this site's, else the start page."""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else "/"
