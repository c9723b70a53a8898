"""What becomes of the lead's values: character for character in a target, in the note, or left behind on purpose."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.fields import dictionary, registry
from crm.fields.kind import is_empty
from crm.fields.models import CustomField, PicklistOption
from crm.related.models import Comment
from leads.conversion.draft import draft
from leads.conversion.errors import InvalidOrder
from leads.conversion.order import LEAVE, NOTE, Order, Part, Send
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Lead
from mapping.models import Link
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db

BOTH = {"organization": Part(), "contact": Part()}
ODD = [
    "  ahead",
    "behind  ",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\ufeffx",
    "\u200fسلام\u200e",
    "نیم\u200cفاصله",
    "<b>&amp;</b>",
    " ",
]
# kind, size, values as they are stored
CUSTOM = {
    "cf_text": ("text", {"length": 60}, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)),
    "cf_area": ("textarea", {}, st.sampled_from(ODD)),
    "cf_one": ("picklist", {}, st.sampled_from(["red", "green"])),
    "cf_many": ("multipicklist", {}, st.lists(st.sampled_from(["red", "green"]), unique=True)),
    "cf_whole": ("integer", {}, st.integers(-(2**31) + 1, 2**31 - 1)),
    "cf_sum": ("currency", {"digits": 25, "places": 5}, st.decimals(-(10**15), 10**15, places=5)),
    "cf_share": ("percent", {"digits": 5, "places": 2}, st.decimals(0, 100, places=2)),
    "cf_day": ("date", {}, st.dates(dt.date(1300, 1, 1), dt.date(2200, 1, 1))),
    "cf_moment": ("datetime", {}, st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))),
    "cf_clock": ("time", {}, st.times()),
    "cf_tick": ("checkbox", {}, st.booleans()),
    "cf_mail": ("email", {"length": 100}, st.sampled_from(["a@b.ir", "no address"])),
}  # fmt: skip
STANDARD = {
    **dict.fromkeys(("company", "city", "street", "description", "job_title", "phone", "mobile"), st.sampled_from(["", *ODD])),
    "employees": st.none() | st.integers(0, 10**6),
    "annual_revenue": st.none() | st.decimals(0, 10**9, places=5),
    "email_opt_out": st.booleans(),
    "industry": st.sampled_from(["", "Banking", "Alchemy"]),
}  # fmt: skip
MAPPED = ("cf_text", "cf_many", "cf_sum", "cf_day", "cf_tick")


@pytest.fixture
def custom_fields():
    """A lead field of each type; some are mapped to a field of the contact, one has a fitting field that is free."""
    for number, (key, (kind, size, _values)) in enumerate(CUSTOM.items()):
        for module in ("lead", "contact") if key in MAPPED else ("lead",):
            CustomField.objects.create(module=module, key=key, kind=kind, label_en=key, label_fa=key, **size)
            PicklistOption.objects.bulk_create(
                PicklistOption(list_key=f"{module}.{key}", value=word, label_en=word, label_fa=word)
                for word in ("red", "green")
                if kind in ("picklist", "multipicklist")
            )
        if key in MAPPED:
            Link.objects.create(row=100 + number, source=key, module="contact", target=key)
    dictionary.forget()


def put(lead, values):
    """Store values as an import from another time may have left them."""
    for key, value in values.items():
        registry.module("lead").fields[key].set(lead, value)
    lead.save()
    return Lead.objects.get(pk=lead.pk)


def filled(lead):
    fields = registry.module("lead").editable()
    return {
        field.key: value for field in fields if not is_empty(value := field.get(lead)) and field.key != "assigned_to"
    }


def places(conversion, key, value):
    """Where a lead value stands after the conversion, unchanged."""
    found = [
        f"{module}.{name}"
        for module, origins in conversion.provenance.items()
        for name, origin in origins.items()
        if origin.get("lead") == key
        and registry.module(module).fields[name].get(type(getattr(conversion, module)).objects.get(pk=getattr(conversion, f"{module}_id"))) == value
    ]  # fmt: skip
    return found + [name for name in ("kept_in_note", "left_behind") if key in getattr(conversion, name)]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.fixed_dictionaries(
        {}, optional={**STANDARD, **{key: values for key, (_kind, _size, values) in CUSTOM.items()}}
    ),
    chosen=st.sampled_from(["contact", "organization", "organization contact", "contact opportunity"]),
    left=st.sets(st.sampled_from([*CUSTOM, "mobile", "industry"])),
)
def test_every_value_is_in_a_target_in_the_note_or_left_behind_and_in_the_snapshot(
    sara, custom_fields, values, chosen, left
):
    lead = put(LeadFactory(assigned_to=sara), values)
    parts = {key: Part(values={} if lead.company or key != "organization" else {"name": "N"}) for key in chosen.split()}
    made = convert(lead.pk, Order(parts=parts, remedies=dict.fromkeys(left, LEAVE)), by=sara)
    made.refresh_from_db()
    note = Comment.objects.get(pk=made.note).body if made.note else ""
    for key, value in filled(lead).items():
        field = registry.module("lead").fields[key]
        stored = made.snapshot["custom"][key] if field.custom else made.snapshot[key]
        assert stored == (field.kind.store(value) if field.custom else field.kind.wire(value))
        where = places(made, key, value)
        assert where, f"{key} is lost"
        assert "left_behind" not in where or key in left
        assert "kept_in_note" not in where or f"{field.label}: " in note
    assert list(violations()) == []


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_a_mapped_value_arrives_to_the_character(sara, value):
    keys = ("company", "first_name", "city", "street", "phone", "description")
    lead = put(LeadFactory(assigned_to=sara), dict.fromkeys(keys, value))
    made = convert(lead.pk, Order(parts={**BOTH, "opportunity": Part()}), by=sara)
    organization = type(made.organization).objects.get(pk=made.organization_id)
    contact = type(made.contact).objects.get(pk=made.contact_id)
    arrived = (
        organization.name, organization.billing_city, organization.shipping_street, organization.phone,
        contact.first_name, contact.mailing_street, contact.office_phone, contact.description, made.opportunity.description,
    )  # fmt: skip
    assert arrived == (value,) * len(arrived)


@pytest.mark.parametrize("chosen", ["organization", "contact"])
def test_a_typed_zero_and_a_no_are_values(sara, chosen):
    parts = {chosen: Part(values={"name": "N"} if chosen == "organization" else {})}
    lead = put(LeadFactory(assigned_to=sara), {"employees": 0, "annual_revenue": Decimal(0), "email_opt_out": False})
    made = convert(lead.pk, Order(parts=parts), by=sara)
    wanted = {"employees", "annual_revenue"}
    if chosen == "organization":
        assert (made.organization.employees, made.organization.annual_revenue) == (0, 0)
        assert wanted.isdisjoint(made.kept_in_note)
    else:
        lines = Comment.objects.get(pk=made.note).body.splitlines()
        assert {"Annual revenue: 0", "Number of employees: 0"} <= set(lines)
        assert wanted <= set(made.kept_in_note)


def test_blank_a_mapped_value_and_it_is_blank_yet_in_the_snapshot(sara):
    lead = LeadFactory(assigned_to=sara, annual_revenue=Decimal(7), employees=3)
    parts = {"organization": Part(values={"annual_revenue": None, "employees": 0, "phone": "", "billing_city": ""})}
    made = convert(lead.pk, Order(parts=parts), by=sara)
    organization = made.organization
    assert (organization.annual_revenue, organization.employees, organization.phone) == (None, 0, "")
    assert (organization.billing_city, organization.shipping_city) == ("", "تهران")
    assert (made.snapshot["annual_revenue"], made.snapshot["employees"], made.snapshot["phone"]) == ("7", 3, lead.phone)
    assert made.provenance["organization"]["annual_revenue"] == {"how": "typed", "lead": "annual_revenue"}


def test_an_opportunity_starts_with_a_name_that_fits(sara):
    lead = LeadFactory(assigned_to=sara, company="", first_name="ف" * 40, last_name="ن" * 80)
    made = convert(lead.pk, Order(parts={"contact": Part(), "opportunity": Part()}), by=sara)
    assert made.opportunity.name == f"{'ف' * 40} {'ن' * 79}"
    assert (made.contact.first_name, made.contact.last_name) == (lead.first_name, lead.last_name)


def test_the_owner_of_the_whole_order_is_the_owner_of_every_record(sara, manager):
    lead = LeadFactory(assigned_to=sara)
    parts = {**BOTH, "opportunity": Part(values={"assigned_to": sara.pk})}
    made = convert(lead.pk, Order(parts=parts, assigned_to=manager.pk), by=sara)
    assert [made.organization.assigned_to, made.contact.assigned_to, made.opportunity.assigned_to] == [
        manager, manager, sara,
    ]  # fmt: skip


def test_the_owner_stays_though_the_account_was_closed(sara, manager):
    lead = LeadFactory(assigned_to=sara)
    type(sara).objects.filter(pk=sara.pk).update(is_active=False)
    made = convert(lead.pk, Order(parts=BOTH), by=manager)
    assert made.contact.assigned_to_id == sara.pk


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("contact", {"nonsense": "x"}),
        ("contact", {"created_at": None}),
        ("contact", {"modified_by": 1}),
        ("organization", {"converted_at": "x"}),
    ],
)
def test_a_value_for_what_is_no_field_is_refused(sara, part, values):
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts={part: Part(values=values)}), by=sara)
    assert list(refusal.value.errors[part]) == list(values)
    assert Lead.objects.filter(pk=lead.pk).exists()


def test_the_links_between_the_records_are_made_by_the_conversion_alone(sara):
    other = convert(LeadFactory(assigned_to=sara).pk, Order(parts=BOTH), by=sara)
    links = {"organization": other.organization_id, "contact": other.contact_id}
    parts = {"contact": Part(values={"organization": other.organization_id}), "opportunity": Part(values=links)}
    made = convert(LeadFactory(assigned_to=sara, company="").pk, Order(parts=parts), by=sara)
    assert (made.contact.organization, made.opportunity.organization) == (None, None)
    assert made.opportunity.contact == made.contact
    assert list(violations()) == []


def test_another_record_may_be_linked_only_if_the_user_may_see_it(sara, omid):
    hidden = convert(LeadFactory(assigned_to=omid).pk, Order(parts=BOTH), by=omid)
    lead = LeadFactory(assigned_to=sara)
    parts = {"contact": Part(values={"reports_to": hidden.contact_id})}
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts=parts), by=sara)
    assert refusal.value.errors == {"contact": {"reports_to": ["Choose a record that you may see."]}}


def test_a_sum_with_more_digits_than_a_float_holds_is_kept_in_a_custom_field(sara):
    size = {"kind": "currency", "digits": 25, "places": 5, "label_en": "Budget", "label_fa": "بودجه"}
    for module in ("lead", "contact"):
        CustomField.objects.create(module=module, key="cf_budget", **size)
    Link.objects.create(row=90, source="cf_budget", module="contact", target="cf_budget")
    dictionary.forget()
    budget = Decimal("12345678901234567890.12345")
    lead = put(LeadFactory(assigned_to=sara), {"cf_budget": budget})
    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    made.contact.refresh_from_db()
    assert registry.module("contact").fields["cf_budget"].get(made.contact) == budget


def test_a_sent_value_is_taken_as_it_is_stored(sara):
    """An address that today's rules would refuse may be sent to a free field of its type, for nobody typed it now."""
    lead = put(LeadFactory(assigned_to=sara), {"secondary_email": "no address", "email": "", "mobile": "\tx"})
    remedies = {
        "secondary_email": Send(module="organization", field="secondary_email"),
        "mobile": Send(module="organization", field="other_phone"),
        "first_name": NOTE,
    }
    made = convert(lead.pk, Order(parts={"organization": Part()}, remedies=remedies), by=sara)
    assert (made.organization.secondary_email, made.organization.other_phone) == ("no address", "\tx")


def test_two_values_are_not_sent_to_one_field(sara):
    lead = LeadFactory(assigned_to=sara, mobile="0912", fax="021")
    send = Send(module="contact", field="home_phone")
    Link.objects.filter(source__in=["mobile", "fax"]).delete()
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts={"contact": Part()}, remedies={"mobile": send, "fax": send}), by=sara)
    assert refusal.value.errors == {
        "unmapped": {"fax": ["This field is not free or doesn't fit. Choose another or keep the value in a note."]}
    }


def test_a_value_is_not_sent_over_what_was_typed(sara):
    lead = LeadFactory(assigned_to=sara, mobile="0912")
    parts = {"organization": Part(values={"other_phone": "021"})}
    with pytest.raises(InvalidOrder):
        convert(
            lead.pk, Order(parts=parts, remedies={"mobile": Send(module="organization", field="other_phone")}), by=sara
        )


def test_a_remedy_for_what_is_carried_anyway_changes_nothing(sara):
    lead = LeadFactory(assigned_to=sara)
    remedies = {"city": LEAVE, "phone": Send(module="contact", field="home_phone")}
    made = convert(lead.pk, Order(parts={"contact": Part()}, remedies=remedies), by=sara)
    assert (made.contact.mailing_city, made.contact.home_phone, made.left_behind) == ("تهران", "", [])


def test_the_note_goes_to_the_organization_where_there_is_no_contact(sara):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts={"organization": Part()}), by=sara)
    note = Comment.objects.get(pk=made.note)
    assert (note.dossier.organization, note.dossier.is_home, note.created_by) == (made.organization, True, sara)


def test_no_note_is_written_where_nothing_is_to_be_kept(sara):
    lead = LeadFactory(assigned_to=sara, lead_status="")
    made = convert(lead.pk, Order(parts=BOTH), by=sara)
    assert (made.note, made.kept_in_note, Comment.objects.count()) == (None, [], 0)


@pytest.mark.parametrize("target", ["organization", "contact", "opportunity"])
def test_any_broken_link_is_a_loss_and_no_crash(sara, target):
    """The table edited by SQL: unknown fields, other types, smaller sizes."""
    lead = LeadFactory(assigned_to=sara, description="long " * 100, employees=5)
    Link.objects.filter(module=target).update(source="description")
    drawn = draft(lead, by=sara)
    parts = {**BOTH, "opportunity": Part()}
    typed = {"organization": {"name": "N"}, "contact": {"last_name": "L"}}.get(target, {})
    made = convert(lead.pk, Order(parts={**parts, target: Part(values=typed)}), by=sara)
    assert set(made.kept_in_note) == {loss.field.key for loss in drawn.losses(parts)}
