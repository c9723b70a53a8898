"""The heart: one lead, one transaction, nothing lost."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.fields import dictionary, registry
from crm.fields.models import CustomField
from crm.related.models import Comment, Dossier, Following, Tag, Tagging
from leads.conversion.draft import draft
from leads.conversion.errors import AlreadyConverted, InvalidOrder, NoSuchLead, StaleDraft
from leads.conversion.order import LEAVE, Order, Part, Send
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion, Lead
from mapping.models import Link
from tests.factories import LeadFactory, activity, comment

pytestmark = pytest.mark.django_db

ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}
BOTH = {"organization": Part(), "contact": Part()}


def everything_holds():
    assert list(violations()) == []


def test_lead_becomes_three_records_that_point_at_each_other(sara, noon):
    lead = LeadFactory(assigned_to=sara, annual_revenue=Decimal("1.5"), employees=0, postal_code="14359")
    made = convert(lead.pk, Order(parts=ALL), by=sara)
    assert (made.organization.name, made.organization.billing_city, made.organization.shipping_city) == (
        lead.company,
        "تهران",
        "تهران",
    )
    assert (made.organization.annual_revenue, made.organization.employees) == (Decimal("1.5"), 0)
    assert (made.contact.last_name, made.contact.office_phone) == (lead.last_name, lead.phone)
    assert made.contact.mailing_postal_code == "14359"
    assert (made.contact.organization, made.opportunity.organization, made.opportunity.contact) == (
        made.organization,
        made.organization,
        made.contact,
    )
    assert made.opportunity.name == lead.company
    assert made.opportunity.closing_date == timezone.localdate() + dt.timedelta(days=30)
    assert made.opportunity.sales_stage == "Prospecting"
    assert {made.organization.assigned_to, made.contact.assigned_to, made.opportunity.assigned_to} == {sara}
    everything_holds()


def test_defaults_follow_the_company(sara):
    with_company = draft(LeadFactory(assigned_to=sara), by=sara)
    without = draft(LeadFactory(assigned_to=sara, company=""), by=sara)
    assert with_company.chosen() == {"organization", "contact"}
    assert without.chosen() == {"contact"}
    assert with_company.transfer_to == "contact"


def test_person_without_company_becomes_a_contact_alone(sara):
    lead = LeadFactory(assigned_to=sara, company="")
    made = convert(lead.pk, Order(parts={"contact": Part(), "opportunity": Part()}), by=sara)
    assert (made.organization, made.contact.organization) == (None, None)
    assert made.opportunity.name == lead.title
    everything_holds()


def test_related_records_move_whole_and_the_history_too(sara):
    lead = LeadFactory(assigned_to=sara)
    comment(lead, sara)
    activity(lead, sara)
    made = convert(lead.pk, Order(parts=ALL, transfer_to="organization"), by=sara)
    assert made.moved == {"activities": 1, "emails": 0, "documents": 0, "comments": 1, "campaigns": 0, "products": 0}
    handed_over = Dossier.objects.get(came_from=lead.pk)
    assert (handed_over.organization, handed_over.is_home) == (made.organization, False)
    assert Comment.objects.filter(dossier=handed_over).count() == 1
    everything_holds()


def test_tags_and_followers_reach_every_record(sara):
    lead = LeadFactory(assigned_to=sara)
    home = lead.dossiers.get()
    Tagging.objects.create(dossier=home, tag=Tag.objects.create(name="VIP"))
    Following.objects.create(dossier=home, user=sara)
    made = convert(lead.pk, Order(parts=ALL), by=sara)
    homes = Dossier.objects.filter(is_home=True).exclude(organization=None, contact=None, opportunity=None)
    assert Tagging.objects.filter(dossier__in=homes).count() == Following.objects.filter(dossier__in=homes).count() == 3
    assert made.pk


def test_unmapped_value_is_kept_in_a_note_on_the_contact(sara):
    lead = LeadFactory(assigned_to=sara, rating="Active", annual_revenue=Decimal(0))
    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    note = Comment.objects.get(pk=made.note)
    assert note.dossier.contact == made.contact
    assert note.body.splitlines() == [
        "Company: بازرگانی پارس‌آریا",
        "Lead status: Qualified",
        "Rating: Active",
        "Annual revenue: 0",
    ]
    assert made.kept_in_note == ["company", "lead_status", "rating", "annual_revenue"]
    everything_holds()


def test_leaving_behind_is_recorded_and_sending_fills_the_field(sara):
    lead = LeadFactory(assigned_to=sara, mobile="0912 345 6789")
    remedies = {"lead_status": LEAVE, "mobile": Send(module="organization", field="other_phone")}
    made = convert(lead.pk, Order(parts={"organization": Part()}, remedies=remedies), by=sara)
    assert made.left_behind == ["lead_status"]
    assert made.sent_elsewhere == {"mobile": ["organization", "other_phone"]}
    assert made.organization.other_phone == "0912 345 6789"
    assert made.provenance["organization"]["other_phone"] == {"how": "sent", "lead": "mobile"}
    assert made.kept_in_note == ["first_name", "last_name"]


@pytest.mark.parametrize(
    "send",
    [
        Send(module="contact", field="other_phone"),
        Send(module="organization", field="phone"),
        Send(module="organization", field="ticker_symbol"),
        Send(module="organization", field="nonsense"),
    ],
)
def test_value_is_not_sent_where_it_does_not_fit(sara, send):
    lead = LeadFactory(assigned_to=sara, mobile="0912")
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts={"organization": Part()}, remedies={"mobile": send}), by=sara)
    assert list(refusal.value.errors) == ["unmapped"]
    assert not Conversion.objects.exists()


def test_typed_values_win_and_blank_means_blank(sara):
    lead = LeadFactory(assigned_to=sara)
    parts = {"contact": Part(values={"last_name": "Other", "email": "", "department": "Sales"})}
    made = convert(lead.pk, Order(parts=parts, transfer_to="contact"), by=sara)
    assert (made.contact.last_name, made.contact.email, made.contact.department) == ("Other", "", "Sales")
    assert made.provenance["contact"]["last_name"] == {"how": "typed", "lead": "last_name"}
    assert made.provenance["contact"]["email"] == {"how": "typed", "lead": "email"}
    assert made.provenance["contact"]["department"] == {"how": "typed"}
    assert made.snapshot["email"] == lead.email


def test_opportunity_alone_is_refused(sara):
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts={"opportunity": Part()}), by=sara)
    assert refusal.value.errors[""]["parts"] == [
        "Tick Organization or Contact. A conversion creates at least one of them."
    ]


def test_related_records_can_not_move_to_what_is_not_made(sara):
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts={"contact": Part()}, transfer_to="organization"), by=sara)
    assert "transfer_to" in refusal.value.errors[""]


def test_errors_of_all_parts_come_together_and_nothing_is_written(sara):
    lead = LeadFactory(assigned_to=sara)
    parts = {
        "contact": Part(values={"last_name": "", "first_name": "x" * 41}),
        "opportunity": Part(values={"closing_date": None}),
    }
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts=parts), by=sara)
    assert {key: sorted(fields) for key, fields in refusal.value.errors.items()} == {
        "contact": ["first_name", "last_name"],
        "opportunity": ["closing_date"],
    }
    lead.refresh_from_db()
    assert not lead.is_locked


def test_second_conversion_is_told_and_a_retry_gets_the_first(sara):
    lead = LeadFactory(assigned_to=sara)
    first = convert(lead.pk, Order(parts=BOTH, key="abc"), by=sara)
    assert convert(lead.pk, Order(parts=BOTH, key="abc"), by=sara) == first
    for key in ("", "other"):
        with pytest.raises(AlreadyConverted) as refusal:
            convert(lead.pk, Order(parts=BOTH, key=key), by=sara)
        assert refusal.value.conversion == first


def test_stale_draft_names_what_changed(sara):
    lead = LeadFactory(assigned_to=sara)
    stamp = draft(lead, by=sara).stamp
    Lead.objects.filter(pk=lead.pk).update(city="شیراز")
    with pytest.raises(StaleDraft) as refusal:
        convert(lead.pk, Order(parts=BOTH, stamp=stamp), by=sara)
    assert refusal.value.fields == ("city",)
    fresh = draft(Lead.objects.get(pk=lead.pk), by=sara).stamp
    assert convert(lead.pk, Order(parts=BOTH, stamp=fresh), by=sara)


def test_who_may_not_convert(sara, omid, reader, manager):
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(NoSuchLead):
        convert(lead.pk, Order(parts=BOTH), by=omid)
    with pytest.raises(PermissionDenied):
        convert(lead.pk, Order(parts=BOTH), by=reader)
    sara.groups.first().permissions.filter(codename="add_opportunity").first()
    sara.groups.first().permissions.remove(sara.groups.first().permissions.get(codename="add_opportunity"))
    with pytest.raises(PermissionDenied):
        convert(lead.pk, Order(parts=ALL), by=type(sara).objects.get(pk=sara.pk))
    assert convert(lead.pk, Order(parts=BOTH), by=manager).converted_by == manager


def test_broken_mapping_row_is_a_loss_and_no_crash(sara):
    Link.objects.filter(source="city", module="contact").update(target="birthday")
    lead = LeadFactory(assigned_to=sara)
    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert "city" in made.kept_in_note


def test_link_to_a_field_that_is_gone_is_a_loss(sara):
    Link.objects.filter(source="city").update(source="cf_gone")
    lead = LeadFactory(assigned_to=sara)
    assert "city" in [loss.field.key for loss in draft(lead, by=sara).losses()]


def test_custom_values_are_carried_noted_and_in_the_snapshot(sara):
    for module in ("lead", "contact"):
        CustomField.objects.create(
            module=module, key="cf_brand", kind="text", length=60, label_en="Brand", label_fa="برند"
        )
    CustomField.objects.create(module="lead", key="cf_vip", kind="checkbox", label_en="VIP", label_fa="ویژه")
    Link.objects.create(row=90, source="cf_brand", module="contact", target="cf_brand")
    dictionary.forget()
    lead = LeadFactory(assigned_to=sara, custom={"cf_brand": "Bosch", "cf_vip": False})
    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert made.contact.custom == {"cf_brand": "Bosch"}
    assert "VIP: No" in Comment.objects.get(pk=made.note).body
    assert made.snapshot["custom"] == {"cf_brand": "Bosch", "cf_vip": False}


def test_value_that_no_list_knows_is_carried_as_it_is(sara):
    lead = LeadFactory(assigned_to=sara)
    Lead.objects.filter(pk=lead.pk).update(industry="Alchemy", email="no address")
    made = convert(lead.pk, Order(parts=BOTH), by=sara)
    assert (made.organization.industry, made.organization.email) == ("Alchemy", "no address")


@pytest.mark.parametrize("count", [0, 1000])
def test_conversion_takes_the_same_few_statements_whatever_hangs_on_the_lead(sara, count):
    lead = LeadFactory(assigned_to=sara)
    home = lead.dossiers.get()
    Comment.objects.bulk_create(Comment(dossier=home, body="x", created_by=sara) for _ in range(count))
    someone = type(sara).objects.get(pk=sara.pk)
    dictionary.forget()
    with CaptureQueriesContext(connection) as queries:
        convert(lead.pk, Order(parts=ALL), by=someone)
    statements = [query for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 19


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(
                (
                    "first_name",
                    "company",
                    "phone",
                    "mobile",
                    "email",
                    "city",
                    "street",
                    "description",
                    "job_title",
                    "fax",
                ),
                TEXT,
            ),
            "industry": st.sampled_from(["", "Banking", "Alchemy"]),
            "annual_revenue": st.none() | st.decimals(min_value=0, max_value=10**15, places=2),
            "employees": st.none() | st.integers(0, 10**6),
        },
    ),
    chosen=st.sampled_from([("contact",), ("organization",), ("organization", "contact"), ("contact", "opportunity")]),
)
def test_every_value_ends_somewhere_and_is_in_the_snapshot(sara, values, chosen):
    lead = LeadFactory(assigned_to=sara)
    Lead.objects.filter(pk=lead.pk).update(**values)
    lead.refresh_from_db()
    named = {
        "organization": Part(values={"name": "Named"}),
        "contact": Part(),
        "opportunity": Part(values={"name": "Sale"}),
    }
    if lead.company:
        named["organization"] = Part()
    made = convert(lead.pk, Order(parts={key: named[key] for key in chosen}), by=sara)
    note = Comment.objects.get(pk=made.note).body if made.note else ""
    for field in registry.module("lead").editable():
        value = field.get(lead)
        if value in (None, "", []) or field.key == "assigned_to":
            continue
        assert made.snapshot[field.key] == field.kind.wire(value)
        arrived = [
            (key, name)
            for key, origins in made.provenance.items()
            for name, origin in origins.items()
            if origin.get("lead") == field.key and registry.module(key).fields[name].get(getattr(made, key)) == value
        ]
        assert arrived or (field.key in made.kept_in_note and str(field.label) in note)
    everything_holds()
