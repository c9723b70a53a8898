"""The user's own page: language, theme, calendar, digits and single-key shortcuts."""

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm.people.models import User
from crm.people.preferences import remember_language


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("language", "theme", "calendar", "digits", "has_shortcuts", "gets_email")
        help_texts = {
            "gets_email": _(
                "When a lead is converted or a record becomes yours. In the product you are told in any case."
            ),
            "has_shortcuts": _("Letters such as “n” for a new lead. “?” shows them all."),
        }


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and save the preferences of whoever is signed in."""
    user = cast("User", request.user)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=form._meta.fields)
        return saved(request, user.language)
    return render(request, "account/profile.html", {"form": form}, status=422 if form.errors else 200)


def saved(request: HttpRequest, language: str) -> HttpResponse:
    """Go back to the page and say so in the language that was just chosen."""
    response = redirect("profile")
    with translation.override(language or None):
        messages.success(request, gettext("Preferences saved."))
    if language:
        remember_language(response, language)
    return response
