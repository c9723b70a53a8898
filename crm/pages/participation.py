"""Adding people to an opportunity, giving them other roles, and letting them go."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.kit.contention import BUSY, DatabaseIsBusy
from crm.pages.detail import DetailPage
from crm.pages.people import PersonForm, RoleForm
from crm.pages.records import find
from crm.pages.trail import carry
from crm.pages.views import or_elsewhere
from crm.related import filing, participation

PLACE = "people"  # of the card in the page


@require_POST
@or_elsewhere
def add_person(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    record = find(request, slug, pk, "change")
    form = PersonForm(record, request.user, request.POST)

    def add(person: int, role: str, is_main: bool) -> None:
        participation.add(record, person, role=role, is_main=is_main, by=request.user)

    return _save(request, record, form, add, _("The person was added."))


@require_POST
@or_elsewhere
def change_role(request: HttpRequest, slug: str, pk: int, contact: int) -> HttpResponse:
    record = find(request, slug, pk, "change")
    change = partial(participation.change, record, contact, by=request.user)
    return _save(request, record, RoleForm.of(contact, "", request.POST), change, _("Changes saved."))


@require_POST
@or_elsewhere
def make_main(request: HttpRequest, slug: str, pk: int, contact: int) -> HttpResponse:
    make = partial(participation.change, is_main=True)
    return _do(request, find(request, slug, pk, "change"), contact, make, _("Changes saved."))


@require_POST
@or_elsewhere
def remove_person(request: HttpRequest, slug: str, pk: int, contact: int) -> HttpResponse:
    done = _("The person takes part in this opportunity no more.")
    return _do(request, find(request, slug, pk, "change"), contact, participation.remove, done)


def _save(request: HttpRequest, record: Any, form: RoleForm, action: Callable[..., Any], done: str) -> HttpResponse:
    """Do with the form's values what it asks for, or show it again with what is wrong."""
    if not form.is_valid():
        return _again(request, record, form)
    try:
        action(**form.cleaned_data)
    except ValidationError as error:
        _refuse(form, error)
        return _again(request, record, form)
    except DatabaseIsBusy:
        form.add_error(None, BUSY)
        return _again(request, record, form, status=503)
    except participation.TakesNoPart:
        return _gone(request, record)
    return _done(request, record, done)


def _do(request: HttpRequest, record: Any, contact: int, action: Callable[..., Any], done: str) -> HttpResponse:
    try:
        action(record, contact, by=request.user)
    except participation.TakesNoPart:
        return _gone(request, record)
    except ValidationError as error:  # the contact was made mandatory, or a rule changed since
        messages.error(request, " ".join(error.messages))
        return _back(request, record)
    except DatabaseIsBusy:
        messages.error(request, BUSY)
        return _back(request, record)
    return _done(request, record, done)


def _refuse(form: RoleForm, error: ValidationError) -> None:
    """Show what the service says at its field."""
    for key, texts in filing.errors_of(error).items():
        place = "person" if key == "contact" else key
        for text in texts:
            form.add_error(place if place in form.fields else None, text)


def _done(request: HttpRequest, record: Any, text: str) -> HttpResponse:
    messages.success(request, text)
    return _back(request, record)


def _gone(request: HttpRequest, record: Any) -> HttpResponse:
    messages.error(request, _("This person takes no part any more, or you may not see it."))
    return _back(request, record)


def _back(request: HttpRequest, record: Any) -> HttpResponse:
    return redirect(carry(request, f"{record.get_absolute_url()}#{PLACE}"))


def _again(request: HttpRequest, record: Any, form: RoleForm, status: int = 422) -> HttpResponse:
    page = DetailPage(request, record.module, record, person_form=form)
    context = {"page": page, "record": record, "module": record.module}
    return render(request, "pages/detail.html", context, status=status)
