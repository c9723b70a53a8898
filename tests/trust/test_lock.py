"""Attacks on a converted lead and on a conversion: by the ORM and by SQL, on both databases (PRODUCT §4.9)."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from crm.records.base import RecordIsLocked
from crm.related import filing
from crm.related.models import Dossier
from leads.conversion.order import Order, Part
from leads.conversion.receipt import digest
from leads.conversion.service import convert
from leads.models import Conversion, ConversionIsFinal, Lead
from tests.factories import LeadFactory, comment
from tests.trust.test_atomicity import content

pytestmark = pytest.mark.django_db
REFUSALS = (DatabaseError, ProtectedError, RecordIsLocked, filing.RecordInUse, ConversionIsFinal)
BOTH = {"organization": Part(), "contact": Part()}

BY_ORM = {
    "save": lambda made: made.lead.save(),
    "save of one field": lambda made: made.lead.save(update_fields=["city"]),
    "save by the base class": lambda made: super(Lead, made.lead).save(),
    "delete": lambda made: made.lead.delete(),
    "delete by the base class": lambda made: super(Lead, made.lead).delete(),
    "update": lambda made: Lead.everything.filter(pk=made.lead_id).update(city="Elsewhere"),
    "reopen": lambda made: Lead.everything.filter(pk=made.lead_id).update(converted_at=None),
    "bulk update": lambda made: Lead.everything.bulk_update([made.lead], ["city"]),
    "bulk create over it": lambda made: Lead.everything.bulk_create(
        [made.lead], update_conflicts=True, unique_fields=["pk"], update_fields=["city"]
    ),
    "delete of all": lambda made: Lead.everything.all().delete(),
    "edit service": lambda made: filing.edit(made.lead, {"city": "Elsewhere"}, by=made.converted_by),
    "dossier": lambda made: Dossier.objects.create(lead_id=made.lead_id),
    "dossier of another": lambda made: Dossier.objects.filter(came_from=made.lead_id).update(
        lead=made.lead_id, contact=None, organization=None
    ),
    "conversion saved": lambda made: made.save(),
    "conversion saved by the base class": lambda made: super(Conversion, made).save(),
    "conversion deleted": lambda made: made.delete(),
    "conversions deleted": lambda made: Conversion.objects.filter(pk=made.pk).delete(),
    "conversions updated": lambda made: Conversion.objects.update(transfer_to="contact"),
    "second conversion": lambda made: Conversion.objects.create(
        lead=made.lead, contact=made.contact, converted_at=made.converted_at, converted_by=made.converted_by,
        mapping_revision=1, snapshot={}, provenance={}, digest="x",
    ),
    "contact deleted": lambda made: made.contact.delete(),
    "organization deleted": lambda made: filing.delete(made.organization, by=made.converted_by),
}  # fmt: skip

BY_SQL = {
    "update": "UPDATE leads_lead SET city = 'Elsewhere' WHERE id = {lead}",
    "update of all": "UPDATE leads_lead SET city = 'Elsewhere'",
    "reopen": "UPDATE leads_lead SET converted_at = NULL WHERE id = {lead}",
    "delete": "DELETE FROM leads_lead WHERE id = {lead}",
    "upsert": "INSERT INTO leads_lead SELECT * FROM leads_lead WHERE id = {lead} ON CONFLICT (id) DO UPDATE SET city = 'x'",
    "other key": "UPDATE leads_lead SET id = id + 1000 WHERE id = {lead}",
    "dossier put back": "UPDATE related_dossier SET lead_id = {lead}, contact_id = NULL WHERE came_from_id = {lead}",
    "dossier added": "INSERT INTO related_dossier (lead_id, is_home) VALUES ({lead}, true)",
    "dossier deleted": "DELETE FROM related_dossier WHERE came_from_id = {lead}",
    "conversion changed": "UPDATE leads_conversion SET transfer_to = 'organization' WHERE id = {conversion}",
    "conversion given away": "UPDATE leads_conversion SET lead_id = {open} WHERE id = {conversion}",
    "conversion upserted": "INSERT INTO leads_conversion SELECT * FROM leads_conversion WHERE true ON CONFLICT (id) DO UPDATE SET digest = ''",
    "organization deleted": "DELETE FROM records_organization",
    "contact deleted": "DELETE FROM records_contact",
}  # fmt: skip
ON_SQLITE = {
    "replace": "REPLACE INTO leads_lead SELECT * FROM leads_lead WHERE id = {lead}",
    "insert or replace": "INSERT OR REPLACE INTO leads_lead SELECT * FROM leads_lead WHERE id = {lead}",
    "another in its place": "UPDATE OR REPLACE leads_lead SET id = {lead} WHERE id = {open}",
    "conversion replaced": "INSERT OR REPLACE INTO leads_conversion SELECT * FROM leads_conversion",
    "conversion replaced by another key": "UPDATE OR REPLACE leads_conversion SET id = id",
}
ON_POSTGRESQL = {
    "conversion deleted": "DELETE FROM leads_conversion WHERE id = {conversion}",
    "conversions deleted": "DELETE FROM leads_conversion",
}
STATEMENTS = {**BY_SQL, **(ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL)}


@pytest.fixture
def made(manager):
    lead = LeadFactory(assigned_to=manager)
    comment(lead, manager)
    pk = convert(lead.pk, Order(parts=BOTH), by=manager).pk
    return Conversion.objects.select_related("lead", "contact", "organization").get(pk=pk)


def is_refused(attack) -> None:
    before = content()
    with pytest.raises(REFUSALS):
        _as_one_transaction(attack)
    assert content() == before


@transaction.atomic
def _as_one_transaction(attack) -> None:
    attack()
    connection.check_constraints()  # as a commit would


@pytest.mark.parametrize("attack", BY_ORM.values(), ids=BY_ORM)
def test_the_orm_changes_nothing(made, attack):
    is_refused(lambda: attack(made))


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_sql_changes_nothing(made, manager, statement):
    other = LeadFactory(assigned_to=manager)
    sql = statement.format(lead=made.lead_id, conversion=made.pk, open=other.pk)
    is_refused(lambda: connection.cursor().execute(sql))


def test_lists_of_open_leads_reach_no_converted_one(made):
    assert Lead.objects.update(city="Elsewhere") == 0
    assert Lead.objects.all().delete() == (0, {})
    assert digest(made) == made.digest


def test_an_open_lead_stays_as_free_as_before(made, manager):
    lead = LeadFactory(assigned_to=manager)
    filing.edit(lead, {"city": "Elsewhere"}, by=manager)
    Lead.objects.filter(pk=lead.pk).update(city="Anywhere")
    filing.delete(lead, by=manager)
    assert not Lead.everything.filter(pk=lead.pk).exists()
