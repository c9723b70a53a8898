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
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            participation.add(record, wanted["person"], role=wanted["role"], is_main=wanted["is_main"], by=request.user)
        except ValidationError as error:
            _refuse(form, error)
        except DatabaseIsBusy:
            return _busy(request, record, form)
        else:
            return _done(request, record, _("The person was added."))
    return _again(request, record, form)


@require_POST
@or_elsewhere
def change_role(request: HttpRequest, slug: str, pk: int, contact: int) -> HttpResponse:
    record = find(request, slug, pk, "change")
    form = RoleForm.of(contact, "", request.POST)
    if form.is_valid():
        try:
            participation.change(record, contact, role=form.cleaned_data["role"], by=request.user)
        except ValidationError as error:
            _refuse(form, error)
        except DatabaseIsBusy:
            return _busy(request, record, form)
        except participation.TakesNoPart:
            return _gone(request, record)
        else:
            return _done(request, record, _("Changes saved."))
    return _again(request, record, form)


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


def _busy(request: HttpRequest, record: Any, form: RoleForm) -> HttpResponse:
    form.add_error(None, BUSY)
    return _again(request, record, form, status=503)


def _again(request: HttpRequest, record: Any, form: RoleForm, status: int = 422) -> HttpResponse:
    page = DetailPage(request, record.module, record, person_form=form)
    context = {"page": page, "record": record, "module": record.module}
    return render(request, "pages/detail.html", context, status=status)
