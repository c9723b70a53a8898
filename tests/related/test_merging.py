import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from crm.matching.models import Key
from crm.records.models import Contact, Opportunity, Organization
from crm.related import filing, merging, services
from crm.related.models import Change, Comment, Dossier
from leads.conversion.errors import NoSuchLead
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion, Lead
from tests.accounts import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sara():
    return person("sara", language="en")


def organization(owner, **values):
    return filing.create(Organization(**{"name": "Parsaria", **values}), by=owner)


def note_on(record, by, text="Called"):
    return services.add(Comment(body=text), to=record, by=by)


def test_blank_fields_are_filled_and_differing_ones_stay_or_are_taken_as_chosen(sara):
    kept = organization(sara, phone="021 1", description="Old customer", billing_city="Tehran", custom={"cf_a": "x"})
    gone = organization(
        sara, phone="021 2", website="parsaria.ir", description="Wants a demo", billing_city="Karaj", employees=0
    )
    merged = merging.merge(kept, gone, by=sara, take={"billing_city"}, append={"description"})
    fresh = Organization.objects.get()
    assert merged.pk == fresh.pk == kept.pk
    assert (fresh.phone, fresh.website, fresh.billing_city, fresh.employees, fresh.custom) == (
        "021 1", "parsaria.ir", "Karaj", 0, {"cf_a": "x"},
    )  # fmt: skip
    assert fresh.description == "Old customer\n\nWants a demo"
    assert Comment.objects.get().body == (
        f"ORG{gone.pk} (Parsaria) was merged into this record.\nPhone: 021 2\nBilling city: Tehran"
    )
    assert Change.objects.get().changes["billing_city"] == ["Tehran", "Karaj"]


@pytest.mark.parametrize(("mine", "other"), [(True, False), (False, True)])
def test_who_opted_out_on_either_side_stays_out(sara, mine, other):
    kept, gone = organization(sara, email_opt_out=mine), organization(sara, email_opt_out=other)
    assert merging.merge(kept, gone, by=sara, take={"email_opt_out"}).email_opt_out is True


def test_what_hangs_on_the_record_and_what_points_at_it_comes_along(sara):
    kept, gone = organization(sara), organization(sara, name="Parsaria Co.")
    older, comment = organization(sara, name="Parsarya"), note_on(gone, sara)
    contact = filing.create(Contact(last_name="Ahmadi", organization=gone), by=sara)
    deal = filing.create(
        Opportunity(name="Deal", organization=gone, closing_date=dt.date(2026, 1, 1), sales_stage="Prospecting"),
        by=sara,
    )
    member = organization(sara, name="Daughter", member_of=gone)
    kept.member_of = gone
    kept.save()
    merging.merge(gone, older, by=sara)
    merging.merge(kept, gone, by=sara)
    for record in (contact, deal, member, comment, kept):
        record.refresh_from_db()
    assert (contact.organization_id, deal.organization_id, member.member_of_id) == (kept.pk,) * 3
    assert (comment.dossier.holder, kept.member_of_id) == (kept, None)
    assert set(Organization.rows.filter(merged_into=kept).values_list("pk", flat=True)) == {gone.pk, older.pk}
    assert set(Organization.objects.all()) == {kept, member}
    assert not Key.objects.filter(organization__in=[gone, older]).exists()
    assert list(violations()) == []


def test_the_record_that_stays_is_known_again_by_what_it_took(sara):
    kept, gone = organization(sara, name="Parsaria"), organization(sara, name="Other", email="a@parsaria.ir")
    merging.merge(kept, gone, by=sara)
    assert Key.objects.get(kind="email").organization_id == kept.pk
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("mine", "other", "expected"), [("", "Decides", "Decides"), ("Pays", "", "Pays"), ("Pays", "Decides", "Pays")]
)
def test_the_role_of_who_takes_part_twice_is_kept(sara, mine, other, expected):
    kept, gone = (filing.create(Contact(last_name="Ahmadi"), by=sara) for _ in range(2))
    deal = Opportunity(name="Deal", contact=gone, closing_date=dt.date(2026, 1, 1), sales_stage="Prospecting")
    filing.create(deal, by=sara)
    deal.people.create(contact=kept, role=mine)
    deal.people.create(contact=gone, role=other)
    merging.merge(kept, gone, by=sara)
    assert list(deal.people.values_list("contact", "role")) == [(kept.pk, expected)]
    assert ("Role: Decides" in Comment.objects.get().body) == (mine == "Pays" and other == "Decides")


def test_contacts_that_report_to_each_other_can_be_merged(sara):
    kept = filing.create(Contact(last_name="Ahmadi"), by=sara)
    gone = filing.create(Contact(last_name="Ahmadi", reports_to=kept), by=sara)
    assert merging.merge(kept, gone, by=sara).reports_to_id is None


def test_a_conversion_still_finds_what_became_of_its_records(client, sara):
    lead = filing.create(Lead(last_name="Ahmadi", company="Parsaria"), by=sara)
    parts = {"organization": Part(), "contact": Part(), "opportunity": Part()}
    made = convert(lead.pk, Order(parts=parts), by=sara)
    kept = organization(sara)
    merging.merge(kept, made.organization, by=sara)
    client.force_login(sara)
    receipt, record = client.get(f"/conversions/{made.pk}/"), client.get(f"/organizations/{kept.pk}/")
    gone = client.get(f"/api/v1/leads/{lead.pk}/").json()
    assert f"/organizations/{kept.pk}/" in receipt.text
    assert f"/conversions/{made.pk}/" in record.text
    assert gone["organization"] == kept.pk
    assert Conversion.objects.get().organization_id == made.organization_id
    assert list(violations()) == []


def test_merged_leads_are_gone_and_the_one_that_stays_is_converted(sara):
    kept, gone = (filing.create(Lead(last_name="Ahmadi", email=email), by=sara) for email in ("", "a@b.ir"))
    note_on(gone, sara)
    merging.merge(kept, gone, by=sara)
    with pytest.raises(NoSuchLead):
        convert(gone.pk, Order(parts={"contact": Part()}), by=sara)
    made = convert(kept.pk, Order(parts={"contact": Part()}), by=sara)
    assert (made.contact.email, made.moved["comments"]) == ("a@b.ir", 2)
    assert not Lead.objects.exists()
    assert list(violations()) == []


def test_a_converted_lead_is_not_merged(sara):
    open_lead, lead = (filing.create(Lead(last_name="Ahmadi"), by=sara) for _ in range(2))
    convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    for pair in ((open_lead, lead), (lead, open_lead)):
        with pytest.raises(merging.NotMergeable):
            merging.merge(*pair, by=sara)


def test_only_records_that_the_user_sees_and_may_change_are_merged(sara):
    mine, other = organization(sara), organization(person("omid"))
    with pytest.raises(merging.NotMergeable):
        merging.merge(mine, other, by=sara)
    with pytest.raises(PermissionDenied):
        merging.merge(mine, other, by=person("reader"))
    with pytest.raises(merging.NotMergeable):
        merging.merge(mine, mine, by=sara)
    assert Organization.objects.count() == 2


def test_nothing_is_merged_if_one_of_the_two_changed_meanwhile(sara):
    kept, gone = organization(sara), organization(sara)
    seen = {one.pk: one.modified_at for one in (kept, gone)}
    filing.edit(gone, {"phone": "1"}, by=sara)
    with pytest.raises(filing.RecordChanged):
        merging.merge(kept, gone, by=sara, seen=seen)
    assert Organization.objects.count() == 2


def test_texts_that_are_too_long_together_are_refused(sara):
    kept, gone = (organization(sara, billing_street=letter * 200) for letter in "ab")
    with pytest.raises(ValidationError) as refusal:
        merging.merge(kept, gone, by=sara, append={"billing_street"})
    assert list(filing.errors_of(refusal.value)) == ["billing_street"]
    assert Dossier.objects.filter(organization=gone).count() == 1


def test_old_addresses_lead_to_the_record_that_stays(client, sara):
    kept, gone = organization(sara), organization(sara)
    merging.merge(kept, gone, by=sara)
    client.force_login(sara)
    assert client.get(f"/organizations/{gone.pk}/").headers["Location"] == f"/organizations/{kept.pk}/"
    assert client.post(f"/organizations/{gone.pk}/edit/", {}).headers["Location"] == f"/organizations/{kept.pk}/"
    api = client.get(f"/api/v1/organizations/{gone.pk}/")
    assert (api.status_code, api.json()["merged_into"]) == (410, kept.pk)
    client.force_login(person("omid"))
    assert client.get(f"/organizations/{gone.pk}/").status_code == 404
    assert client.get(f"/api/v1/organizations/{gone.pk}/").status_code == 404
