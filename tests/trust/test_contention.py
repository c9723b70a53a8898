"""The database gives a transaction up, now and then or each time: it begins again, and in the end the answer says what to do."""

import sqlite3
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from crm.kit import contention
from crm.people.tokens import create_token
from crm.records.models import Contact
from crm.related.models import Comment, Document
from leads.models import Conversion, Lead
from tests.factories import LeadFactory
from tests.leads.test_convert_page import posted

pytestmark = pytest.mark.django_db(transaction=True)


class Deadlock(psycopg2.OperationalError):
    pgcode = "40P01"


class Locked(sqlite3.OperationalError):
    sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT


class DiskIsFull(sqlite3.OperationalError):
    sqlite_errorcode = sqlite3.SQLITE_FULL


@contextmanager
def others_in_the_way(times, of, cause=Deadlock):
    """The database gives up so many transactions at a statement that begins so."""
    left = [times]

    def refuse(execute, sql, params, many, context):
        if sql.startswith(of) and connection.in_atomic_block and left[0]:
            left[0] -= 1
            raise OperationalError("given up") from cause()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def lead(sara):
    return LeadFactory(assigned_to=sara)


@pytest.fixture
def press(lead, manager, as_user, settings, tmp_path):
    """Each way to change something, by its name; gives the answer's status and text."""
    settings.MEDIA_ROOT = tmp_path
    browser = as_user(manager)
    converting = posted(browser.get(f"/leads/{lead.pk}/convert/"), **{"contact-department": "Typed"})
    editing = {"last_name": "Typed", "assigned_to": manager.pk, "seen": lead.modified_at.isoformat()}
    api = {"headers": {"authorization": f"Bearer {create_token(manager)}"}, "content_type": "application/json"}
    other = LeadFactory(assigned_to=lead.assigned_to, fax="1")
    seen = {f"seen-{one.pk}": one.modified_at.isoformat() for one in (lead, other)}
    address, api_address = f"/leads/{lead.pk}", f"/api/v1/leads/{lead.pk}"
    ways = {
        "convert": lambda: browser.post(f"{address}/convert/", converting),
        "convert by API": lambda: browser.post(f"{api_address}/convert/", {}, **api),
        "create": lambda: browser.post("/contacts/new/", {"last_name": "Typed", "assigned_to": manager.pk}),
        "edit": lambda: browser.post(f"{address}/edit/", editing),
        "edit by API": lambda: browser.patch(f"{api_address}/", {"last_name": "Typed"}, **api),
        "delete": lambda: browser.post(f"{address}/delete/"),
        "comment": lambda: browser.post(f"{address}/add/comment/", {"body": "Typed"}),
        "document": lambda: browser.post(f"{address}/add/document/", {"title": "Typed", "file": upload()}),
        "merge": lambda: browser.post(f"{address}/merge/?with={other.number}", {**seen, "wins-email": "take"}),
        "tag": lambda: browser.post(f"{address}/tags/", {"tags": "Typed"}),
    }
    return lambda way: ways[way]()


STATEMENTS = {"edit": "UPDATE", "delete": "DELETE", "merge": "UPDATE"}
WAYS = {
    "convert": Deadlock,
    "convert by API": Locked,
    "create": Deadlock,
    "edit": Locked,
    "edit by API": Deadlock,
    "delete": Locked,
    "comment": Deadlock,
    "tag": Locked,
    "document": Deadlock,
    "merge": Locked,
}


def upload():
    return SimpleUploadedFile("offer.txt", b"Forty seats")


def content():
    return (
        len([file for file in Path(default_storage.location).rglob("*") if file.is_file()]),
        list(Lead.everything.values_list("pk", "last_name", "converted_at")),
        [model._default_manager.count() for model in (Contact, Comment, Document, Conversion)],
    )


@pytest.mark.parametrize(("way", "cause"), WAYS.items())
def test_what_was_given_up_begins_again_and_is_told_in_the_end(press, way, cause, monkeypatch):
    monkeypatch.setattr(contention, "PAUSE", 0)
    before, statement = content(), STATEMENTS.get(way.split()[0], "INSERT")
    with others_in_the_way(3, statement, cause):
        refused = press(way)
    text = refused.content.decode()
    assert (refused.status_code, content()) == (503, before)
    assert "Others are working on the same records just now" in text
    typed = {"merge": 'value="take" aria-describedby="differs-email" checked', "delete": "", "tag": ""}.get(
        way, "" if "API" in way else "Typed"
    )
    assert typed in text
    with others_in_the_way(2, statement, cause):
        assert press(way).status_code in (200, 201, 302)
    assert content() != before or way == "tag"


def test_the_command_says_so_too(lead, monkeypatch):
    monkeypatch.setattr(contention, "PAUSE", 0)
    with others_in_the_way(2, "INSERT"):
        call_command("convert_leads", ids=[lead.pk], stdout=StringIO())
    other = LeadFactory(assigned_to=lead.assigned_to)
    with others_in_the_way(99, "INSERT"), pytest.raises(CommandError, match="Others are working"):
        call_command("convert_leads", ids=[other.pk], stdout=StringIO())
    assert list(Lead.objects.all()) == [other]


def test_another_fault_is_not_tried_again(press):
    with others_in_the_way(1, "UPDATE", DiskIsFull), pytest.raises(OperationalError, match="given up"):
        press("edit")
