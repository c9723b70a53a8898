"""A failure after any statement of a conversion leaves the database byte for byte as it was."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, connection

from crm.fields import dictionary
from crm.people.models import User
from crm.related import merging
from crm.related.models import Following, Tag, Tagging
from leads.conversion.order import Also, Order, Part
from leads.conversion.service import convert
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, activity, comment

pytestmark = pytest.mark.django_db(transaction=True)
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}


def content() -> dict[str, list[str]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        tables = {}
        for table in sorted(connection.introspection.table_names()):
            cursor.execute(f"SELECT * FROM {table}")
            tables[table] = sorted(map(repr, cursor.fetchall()))
    return tables


class Pulled(Exception):
    """The plug."""


@contextmanager
def plug_pulled(at: int, *, before: bool) -> Iterator[list[str]]:
    """Let the statement with this number fail, before or after the database has done it; gives the statements so far."""
    done: list[str] = []

    def wrapper(execute, sql, params, many, context):
        if sql.startswith("BEGIN"):  # nothing to take back yet
            return execute(sql, params, many, context)
        done.append(sql)
        if before and len(done) == at:
            raise Pulled
        result = execute(sql, params, many, context)
        if len(done) == at:
            raise Pulled
        return result

    with connection.execute_wrapper(wrapper):
        yield done


@pytest.fixture
def lead(sara):
    lead = LeadFactory(assigned_to=sara, rating="Active")
    comment(lead, sara)
    activity(lead, sara)
    home = lead.dossiers.get()
    Tagging.objects.create(dossier=home, tag=Tag.objects.create(name="VIP"))
    Following.objects.create(dossier=home, user=sara)
    return lead


def start(lead, user, order=None):
    """Convert as a fresh request does, with nothing remembered."""
    dictionary.forget()
    return convert(lead.pk, order or Order(parts=ALL), by=User.objects.get(pk=user.pk))


def no_commit():
    raise OperationalError("The disk is full.")


def using_what_is_there(user) -> Order:
    """An order that fills existing records, and brings another lead along."""
    organization, contact = OrganizationFactory(assigned_to=user, fax="1"), ContactFactory(assigned_to=user)
    sale = OpportunityFactory(assigned_to=user)
    records = {"organization": organization, "contact": contact, "opportunity": sale}
    parts = {key: Part(existing=one.pk, seen=one.modified_at) for key, one in records.items()}
    other = LeadFactory(assigned_to=user, fax="2", description="More")
    return Order(parts=parts, role="Pays", also=(Also(lead=other.pk, role="Decides"),))


def statements(lead, user, monkeypatch, order=None) -> int:
    """How many statements a conversion takes whose commit fails."""
    with monkeypatch.context() as patch, plug_pulled(0, before=True) as done:
        patch.setattr(connection, "_commit", no_commit)
        with pytest.raises(OperationalError, match="disk is full"):
            start(lead, user, order)
    return len(done)


@pytest.mark.parametrize("make_order", [lambda _user: Order(parts=ALL), using_what_is_there], ids=["new", "existing"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_failure_at_any_statement_changes_nothing(sara, lead, before, make_order, monkeypatch):
    order = make_order(sara)
    expected = content()
    count = statements(lead, sara, monkeypatch, order)
    assert content() == expected
    assert count >= 15
    for number in range(1, count + 1):
        with plug_pulled(number, before=before), pytest.raises(Pulled):
            start(lead, sara, order)
        assert content() == expected, number
    assert start(lead, sara, order).pk


def test_a_failure_at_any_statement_of_a_merge_changes_nothing(sara):
    kept, gone = ContactFactory(assigned_to=sara, description="Old"), ContactFactory(assigned_to=sara, fax="1")
    sale = OpportunityFactory(assigned_to=sara, contact=gone)
    for one, role in ((kept, ""), (gone, "Decides")):
        sale.people.create(contact=one, role=role)
        comment(one, sara)
    ContactFactory(assigned_to=sara, reports_to=gone)

    def start():
        dictionary.forget()
        return merging.merge(kept, gone, by=User.objects.get(pk=sara.pk))

    expected, number = content(), 0
    while number == 0 or content() == expected:
        number += 1
        with suppress(Pulled), plug_pulled(number, before=False) as done:
            start()
        assert content() == expected or len(done) < number, number
    assert number > 20
    assert (sale.people.get().role, kept.reports.count()) == ("Decides", 1)
