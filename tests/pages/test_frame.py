"""The frame around every page."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from crm.notices.models import Notification
from crm.pages.context import Shell
from tests.accounts import person
from tests.factories import LeadFactory, activity

pytestmark = pytest.mark.django_db


def shell(user, path="/"):
    request = RequestFactory().get(path)
    request.user = user
    return Shell(request)


def test_the_frame_counts_what_is_the_user_s_in_one_statement(django_assert_num_queries):
    sara, omid = people = [person("sara"), person("omid")]
    today, tomorrow = timezone.now(), timezone.now() + dt.timedelta(days=1, hours=1)
    for user, due in ((sara, (today, today, tomorrow)), (omid, (today,))):
        lead = LeadFactory(assigned_to=user)
        for moment in due:
            activity(lead, user, due_at=moment, assigned_to=user)
    LeadFactory(assigned_to=sara)
    Notification.objects.bulk_create([Notification(user=sara), Notification(user=sara, read_at=today)])
    counts = []
    for user in people:
        user.get_all_permissions()
        with django_assert_num_queries(1):
            drawn = shell(user)
            counts.append([*[entry.count for entry in drawn.entries if entry.count], drawn.unread])
    assert counts == [[2, 2, 1], [1, 1, 0]]


@pytest.mark.parametrize(("name", "seen"), [("admin", True), ("sara", False), ("reader", False)])
def test_only_administrators_see_the_administration(name, seen):
    assert bool(shell(person(name)).administration) is seen


def test_a_reader_may_make_nothing():
    assert shell(person("reader")).creatable == []


def test_a_request_that_failed_early_still_has_a_frame():
    bare = Shell(HttpRequest())
    assert (bare.is_signed_in, bare.theme, bare.has_shortcuts) == (False, "", False)


def test_a_page_that_is_not_there(client):
    client.force_login(person("sara", language="en"))
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_a_stranger_finds_no_menu_on_an_error_page(client):
    assert 'class="nav-i"' not in client.get("/nowhere/").content.decode()


@pytest.mark.parametrize("fault", [PermissionDenied, Http404])
@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_the_page_for_a_fault_needs_neither_user_nor_database(template, fault):
    with translation.override("fa"):
        page = render_to_string(template, {"code": "A1B2C3", "exception": fault()})
    assert '<html lang="fa" dir="rtl"' in page


def test_an_expired_page_says_what_to_do():
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = client.post("/profile/preferences/", {"language": "fa"})
    assert answer.status_code == 403
    assert "This page is too old to send" in answer.content.decode()
