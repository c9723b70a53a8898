"""Each invariant of PRODUCT §6 is broken behind the product's back, by SQL with the lock taken away; the check names it."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from crm.related import filing
from crm.related.models import Dossier
from leads import integrity
from leads.conversion.order import Also, Order, Part
from leads.conversion.receipt import snapshot
from leads.conversion.service import convert
from leads.integrity import _opportunity_points_back, violations
from leads.lock import _drop, drop_triggers, triggers
from leads.models import Conversion
from mapping.models import Link
from tests.factories import LeadFactory, OrganizationFactory, comment

pytestmark = pytest.mark.django_db
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}


@pytest.fixture
def made(sara):
    """Three conversions, one after the other; the second is the one that is broken."""
    leads = [LeadFactory(assigned_to=sara, employees=5, postal_code="14359") for _ in range(3)]
    for lead in leads:
        comment(lead, sara)
    return [convert(lead.pk, Order(parts=ALL), by=sara) for lead in leads][1]


@pytest.fixture
def sql(db):
    """Run SQL with the triggers out of the way."""
    drop_triggers(None, using="default")

    def run(statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def found():
    """What is wrong, apart from the triggers that the fixture took away."""
    return [line for line in violations() if not line.startswith("The trigger")]


def test_a_sound_database_has_no_violation(made, sara):
    filing.edit(made.contact, {"last_name": "Edited", "office_phone": ""}, by=sara)
    filing.edit(made.opportunity, {"organization": None}, by=sara)
    comment(made.contact, sara, "Afterwards.")
    assert list(violations()) == []


def test_a_record_edited_in_its_page_is_no_violation(made, sara, as_user):
    sent = {"last_name": "Married", "assigned_to": sara.pk, "organization": ""}
    assert as_user(sara).post(f"/contacts/{made.contact_id}/edit/", sent).status_code == 302
    assert list(violations()) == []


def test_i1_converted_without_conversion(made, sql, sara):
    lead = LeadFactory(assigned_to=sara)
    sql("UPDATE leads_lead SET converted_at = created_at WHERE id = %s", lead.pk)
    assert f"I1: lead {lead.pk} is converted, but no conversion points at it" in found()


def test_i1_reopened(made, sql):
    sql("UPDATE leads_lead SET converted_at = NULL WHERE id = %s", made.lead_id)
    assert f"I1: lead {made.lead_id} is open, but a conversion points at it" in found()


def test_i1_conversion_deleted(made, sql):
    sql("DELETE FROM leads_conversion WHERE id = %s", made.pk)
    assert found() == [
        f"I1: lead {made.lead_id} is converted, but no conversion points at it",
        f"I6: a conversion before {Conversion.objects.last().pk} is missing or was changed",
    ]


def test_i3_dossier_put_back_on_the_lead(made, sql):
    dossier = Dossier.objects.get(came_from=made.lead_id)
    sql("UPDATE related_dossier SET lead_id = came_from_id, contact_id = NULL WHERE id = %s", dossier.pk)
    assert f"I3: dossier {dossier.pk} hangs on the converted lead {made.lead_id}" in found()


def test_i3_record_without_a_home(made, sql):
    sql("DELETE FROM related_dossier WHERE organization_id = %s AND is_home", made.organization_id)
    assert found() == [f"I3: organization {made.organization_id} has no dossier of its own"]


def test_i3_lead_without_a_home(made, sql, sara):
    lead = LeadFactory(assigned_to=sara)
    sql("DELETE FROM related_dossier WHERE lead_id = %s", lead.pk)
    assert found() == [f"I3: lead {lead.pk} has no dossier of its own"]


def test_i4_dossier_not_handed_over(made, sql):
    sql("UPDATE related_dossier SET came_from_id = NULL WHERE came_from_id = %s", made.lead_id)
    assert found() == [f"I4: conversion {made.pk} handed no dossier over"]


def test_i4_dossier_from_an_open_lead(made, sql, sara):
    dossier = Dossier.objects.get(came_from=made.lead_id)
    lead = LeadFactory(assigned_to=sara)
    sql("UPDATE related_dossier SET came_from_id = %s WHERE id = %s", lead.pk, dossier.pk)
    assert f"I4: dossier {dossier.pk} was handed over by a lead that is still open" in found()


@pytest.mark.parametrize("table", ["organization", "contact"])
def test_i5_value_changed_on_the_way(made, sql, table):
    column = {"organization": "billing_postal_code", "contact": "mailing_postal_code"}[table]
    pk = getattr(made, f"{table}_id")
    sql(f"UPDATE records_{table} SET {column} = '14359 ' WHERE id = %s", pk)
    assert found() == [f"I5: {table} {pk}: {column} is not what lead {made.lead_id} had in postal_code"]


def test_i6_one_byte_of_the_lead(made, sql):
    sql("UPDATE leads_lead SET last_name = last_name || ' ' WHERE id = %s", made.lead_id)
    assert f"I6: lead {made.lead_id} differs from the snapshot of conversion {made.pk}: last_name" in found()


def test_i6_custom_value_of_the_lead(made, sql):
    sql("UPDATE leads_lead SET custom = %s WHERE id = %s", json.dumps({"cf_x": 1}), made.lead_id)
    assert found() == [f"I6: lead {made.lead_id} differs from the snapshot of conversion {made.pk}: custom"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("snapshot", json.dumps([])),
        ("provenance", json.dumps({})),
        ("kept_in_note", json.dumps(["x"])),
        ("moved", json.dumps({"comments": 2})),
        ("transfer_to", "organization"),
        ("mapping_revision", 2),
        ("converted_at", "2020-01-01 00:00:00"),
        ("idempotency_key", "x"),
        ("previous_digest", ""),
    ],
)
def test_i6_any_column_of_a_conversion(made, sql, column, value):
    sql(f"UPDATE leads_conversion SET {column} = %s WHERE id = %s", value, made.pk)
    assert f"I6: conversion {made.pk} was changed after it was written" in found()


def test_i6_conversion_rewritten_with_its_digest(made, sql):
    """Who changes a row and works out its digest anew is betrayed by the row that follows."""
    made.refresh_from_db()
    made.transfer_to = "organization"
    sql(
        "UPDATE leads_conversion SET transfer_to = 'organization', digest = %s WHERE id = %s",
        integrity.digest(made),
        made.pk,
    )
    assert found() == [f"I6: a conversion before {Conversion.objects.last().pk} is missing or was changed"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"target": "birthday"}, "I7: city → contact.birthday"),
        ({"target": "cf_gone"}, "I7: city → contact.cf_gone"),
        ({"source": "cf_gone"}, "I7: cf_gone → contact.mailing_city"),
        ({"target": "mailing_country", "source": "description"}, "I7: description → contact.mailing_country"),
    ],
)
def test_i7_broken_row(made, change, sentence):
    if "mailing_country" in change.values():
        Link.objects.filter(module="contact", target="mailing_country").delete()
    Link.objects.filter(source="city", module="contact").update(**change)
    assert [line[: len(sentence)] for line in found()] == [sentence]


def test_i7_locked_row_gone(made):
    Link.objects.filter(source="email", module="contact").delete()
    assert found() == ["I7: the locked row email → contact.email is missing"]


@pytest.mark.parametrize("link", ["organization", "contact"])
def test_i8_opportunity_points_elsewhere(made, sql, link):
    sql(f"UPDATE records_opportunity SET {link}_id = NULL WHERE id = %s", made.opportunity_id)
    assert found() == [
        f"I8: opportunity {made.opportunity_id} doesn't point at the records of its conversion {made.pk}"
    ]


@pytest.mark.parametrize("trigger", triggers(connection), ids=lambda trigger: trigger[0])
def test_a_missing_trigger_is_named(made, trigger):
    with connection.cursor() as cursor:
        cursor.execute(_drop(connection, *trigger[:2]))
    assert list(violations()) == [f"The trigger {trigger[0]} is missing; run migrate"]


def test_fields_that_came_later_are_not_in_old_snapshots(made, monkeypatch):
    monkeypatch.setattr(integrity, "snapshot", lambda lead: {**snapshot(lead), "new_field": "x"})
    assert list(violations()) == []


def test_conversions_are_read_in_chunks(made, monkeypatch):
    monkeypatch.setattr(integrity, "CHUNK", 2)
    assert list(violations()) == []


def test_the_command_prints_and_tells_by_its_exit_code(made, sql):
    out = io.StringIO()
    sql("UPDATE records_opportunity SET contact_id = NULL WHERE id = %s", made.opportunity_id)
    with pytest.raises(SystemExit) as stop:
        call_command("check_integrity", stdout=out)
    assert stop.value.code == 1
    assert f"I8: opportunity {made.opportunity_id}" in out.getvalue()


def test_the_command_says_that_all_is_well(made):
    out = io.StringIO()
    call_command("check_integrity", stdout=out)
    assert out.getvalue() == "No violations.\n"


OFF = {
    "sqlite": ["PRAGMA ignore_check_constraints = ON"],
    "postgresql": [
        "SET CONSTRAINTS ALL IMMEDIATE",
        "ALTER TABLE leads_conversion DROP CONSTRAINT conversion_has_an_organization_or_a_contact",
        "ALTER TABLE related_dossier DROP CONSTRAINT dossier_has_one_holder",
        "SET LOCAL session_replication_role = replica",
    ],
}


class TestWithoutForeignKeysAndChecks:
    """What only a database whose constraints were switched off could come to."""

    @pytest.fixture(autouse=True)
    def off(self, made, sql):
        with transaction.atomic():
            for statement in OFF[connection.vendor]:
                sql(statement)
            yield
            transaction.set_rollback(True)
        if connection.vendor == "sqlite":
            sql("PRAGMA ignore_check_constraints = OFF")

    def test_i2_neither_organization_nor_contact(self, made, sql):
        sql("UPDATE leads_conversion SET organization_id = NULL, contact_id = NULL WHERE id = %s", made.pk)
        assert f"I2: conversion {made.pk} has neither an organization nor a contact" in found()

    def test_somebody_who_takes_part_is_gone(self, made, sql):
        part = made.opportunity.people.create(contact=made.contact)
        sql("UPDATE records_opportunitycontact SET contact_id = 999 WHERE id = %s", part.pk)
        assert f"The part {part.pk} in an opportunity names a contact that isn't there" in found()

    def test_i2_record_gone(self, made, sql):
        sql("UPDATE leads_conversion SET opportunity_id = 999 WHERE id = %s", made.pk)
        assert f"I2: conversion {made.pk} names a opportunity that isn't there" in found()

    def test_i3_two_holders(self, made, sql):
        dossier = Dossier.objects.get(came_from=made.lead_id)
        sql("UPDATE related_dossier SET organization_id = %s WHERE id = %s", made.organization_id, dossier.pk)
        assert found() == [f"I3: dossier {dossier.pk} is not held by exactly one record"]

    def test_i3_no_holder(self, made, sql):
        dossier = Dossier.objects.get(came_from=made.lead_id)
        sql("UPDATE related_dossier SET contact_id = NULL WHERE id = %s", dossier.pk)
        assert found() == [f"I3: dossier {dossier.pk} is not held by exactly one record"]

    def test_i3_hangs_on_nothing(self, made, sql):
        sql("UPDATE related_comment SET dossier_id = 999 WHERE id = %s", made.note)
        assert found() == [f"I3: comment {made.note} hangs on no dossier"]


def test_conversion_that_came_along_must_share_the_main_ones_organization(sara):
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    convert(first.pk, Order(parts=ALL, also=(Also(lead=second.pk),)), by=sara)
    assert list(violations()) == []
    brought = Conversion.objects.get(lead=second)
    other = OrganizationFactory(assigned_to=sara)
    assert list(_opportunity_points_back(brought)) == []
    brought.organization = other
    assert [one[:3] for one in _opportunity_points_back(brought)] == ["I8:"]
