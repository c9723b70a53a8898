"""Each invariant is broken behind the product's back, and named."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from crm.related.models import Comment
from leads import lock
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(sara):
    lead = LeadFactory(assigned_to=sara)
    return convert(lead.pk, Order(parts={"organization": Part(), "contact": Part(), "opportunity": Part()}), by=sara)


@pytest.fixture
def unlocked(made):
    """The database without its triggers."""
    lock.drop_triggers(None, "default")
    yield made
    lock.install_triggers(None, "default")


def test_nothing_is_wrong_at_first(made):
    out = StringIO()
    call_command("check_integrity", stdout=out)
    assert out.getvalue() == "No violations.\n"


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("UPDATE leads_lead SET converted_at = NULL", "I1"),
        ("INSERT INTO related_dossier (lead_id, is_home) SELECT id, false FROM leads_lead", "I3"),
        ("UPDATE related_dossier SET is_home = false WHERE contact_id IS NOT NULL AND is_home", "I3"),
        ("UPDATE related_dossier SET came_from_id = NULL", "I4"),
        ("UPDATE records_contact SET last_name = 'Other'", "I5"),
        ("UPDATE leads_lead SET city = 'Elsewhere'", "I6"),
        ("UPDATE leads_conversion SET left_behind = '[\"phone\"]'", "I6"),
        ("UPDATE mapping_link SET target = 'birthday' WHERE source = 'city' AND module = 'contact'", "I7"),
        ("UPDATE records_opportunity SET contact_id = NULL", "I8"),
    ],
)
def test_what_is_broken_is_named(unlocked, statement, invariant):
    with connection.cursor() as cursor:
        cursor.execute(statement)
    lock.install_triggers(None, "default")
    assert invariant in {line.split(":")[0] for line in violations()}


def test_missing_triggers_are_named(unlocked):
    assert len([line for line in violations() if "trigger" in line]) == len(lock.TRIGGERS)
    with pytest.raises(SystemExit):
        call_command("check_integrity", stdout=StringIO())


def test_edited_records_are_no_violation(made, sara, as_user):
    response = as_user(sara).post(
        f"/contacts/{made.contact.pk}/edit/", {"last_name": "Married", "assigned_to": sara.pk, "organization": ""}
    )
    assert response.status_code == 302
    assert list(violations()) == []


def test_comments_after_the_conversion_are_no_violation(made, sara):
    Comment.objects.create(dossier=made.contact.dossiers.first(), body="x", created_by=sara)
    assert list(violations()) == []
