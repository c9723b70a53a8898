"""The conversion row: what it tells, and that it is the last word."""

import pytest

from leads.conversion.order import LEAVE, Order, Part, Send
from leads.conversion.receipt import digest, snapshot
from leads.conversion.service import convert
from leads.models import Conversion, ConversionIsFinal, Lead
from tests.factories import LeadFactory, comment

pytestmark = pytest.mark.django_db


def test_a_receipt_tells_who_when_what_and_from_where(sara, manager):
    lead = LeadFactory(assigned_to=sara, mobile="0912", website="parsaria.ir", postal_code="14359")
    comment(lead, sara)
    order = Order(
        parts={"contact": Part(values={"department": "Sales", "job_title": ""})},
        remedies={"website": LEAVE, "mobile": Send(module="contact", field="home_phone")},
        key="key",
    )
    made = Conversion.objects.get(pk=convert(lead.pk, order, by=manager).pk)
    assert (made.lead_id, made.organization, made.opportunity, made.transfer_to) == (lead.pk, None, None, "contact")
    assert (made.converted_by, made.contact.assigned_to, made.mapping_revision) == (manager, sara, 1)
    assert made.converted_at == made.contact.created_at == Lead.everything.get(pk=lead.pk).converted_at
    assert (made.kept_in_note, made.left_behind, made.idempotency_key) == (
        ["company", "lead_status"],
        ["website"],
        "key",
    )
    assert made.moved == {"activities": 0, "emails": 0, "documents": 0, "comments": 1, "campaigns": 0, "products": 0}
    told = made.provenance["contact"]
    assert told["mailing_postal_code"] == {"how": "mapped", "lead": "postal_code", "row": 22}
    assert told["department"] == {"how": "typed"}
    assert told["assigned_to"] == {"how": "default"}
    assert made.snapshot == snapshot(Lead.everything.get(pk=lead.pk))


def test_conversions_form_a_chain(sara):
    made = [convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": Part()}), by=sara) for _ in range(3)]
    assert [one.previous_digest for one in made] == ["", made[0].digest, made[1].digest]
    assert [digest(one) for one in Conversion.objects.order_by("pk")] == [one.digest for one in made]


def test_a_receipt_is_final(sara):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": Part()}), by=sara)
    for attempt in (
        made.save,
        made.delete,
        Conversion.objects.all().delete,
        lambda: Conversion.objects.update(transfer_to="organization"),
        lambda: Conversion.objects.bulk_update([made], ["transfer_to"]),
    ):
        with pytest.raises(ConversionIsFinal):
            attempt()
