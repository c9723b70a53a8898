"""Finding likely same records: keys kept by every way of writing, rights, reasons, and how many statements it takes."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm.matching import engine, keys_in_common, names_index, writing
from crm.matching.keys_in_common import COMMON, duplicates_among
from crm.matching.models import Key, Rules
from crm.records.models import Contact
from crm.related import filing
from leads.conversion.matching import find, find_exact
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Lead
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def said(matches, key):
    return [(match.record.pk, match.is_strong, [reason.code for reason in match.reasons]) for match in matches.of(key)]


@pytest.fixture
def lead(sara):
    return LeadFactory(
        assigned_to=sara, first_name="سارا", last_name="احمدی", company="شرکت پارس‌آریا (سهامی خاص)", email="s@parsaria.ir", phone="021-88776655"
    )  # fmt: skip


def test_a_lead_finds_everything_it_may_be(lead, sara, django_assert_num_queries):
    organization = OrganizationFactory(assigned_to=sara, name="پارس آريا", website="www.parsaria.ir")
    contact = ContactFactory(assigned_to=sara, first_name="سارا", last_name="احمدي", email="S@Parsaria.ir")
    deal = OpportunityFactory(assigned_to=sara, organization=organization)
    OpportunityFactory(assigned_to=sara, organization=organization, sales_stage="Closed Won")
    colleague = LeadFactory(
        assigned_to=sara, first_name="رضا", last_name="کریمی", company="پارس آریا", phone="+98 21 8877 6655"
    )
    OrganizationFactory(assigned_to=sara, name="سیمان تهران")
    matches = find(lead, by=sara)
    assert said(matches, "organization") == [(organization.pk, True, ["website", "name"])]
    assert said(matches, "contact") == [(contact.pk, True, ["email", "name"])]
    assert said(matches, "opportunity") == [(deal.pk, True, ["contact"])] or said(matches, "opportunity") == [
        (deal.pk, True, ["organization"])
    ]
    assert [(match.record, match.about) for match in matches.lead] == [(colleague, "company")]
    assert (matches.best("organization").record, matches.hidden) == (organization, frozenset())
    with django_assert_num_queries(5):  # keys, traits and rules in one; organizations, contacts, leads, opportunities
        assert find_exact([lead], by=sara)[lead.pk] == matches


def test_reasons_are_said_in_the_language_in_force(lead, sara):
    ContactFactory(assigned_to=sara, first_name="سارا", last_name="احمدیان", email="s@parsaria.ir")
    told = {}
    for language in ("en", "fa"):
        with translation.override(language):
            told[language] = [reason.text for reason in find(lead, by=sara).contact[0].reasons]
    assert told == {"en": ["Same e-mail", "Name 91% alike"], "fa": ["ایمیل یکسان", "شباهت نام ۹۱٪"]}


@pytest.mark.parametrize("typed", ["Zarrinkhodro Mashhad", "Mashhad Zarinkhodro", "Zarinkhodro Mashad"])
def test_nearly_alike_names_are_found_only_when_asked_for(typed, sara):
    organization = OrganizationFactory(assigned_to=sara, name="Zarinkhodro Mashhad Ltd")
    lead = LeadFactory(assigned_to=sara, company=typed, email="", phone="")
    assert [match.record for match in find(lead, by=sara).organization] == [organization]


def test_without_an_index_names_that_begin_alike_are_found(sara, monkeypatch):
    organization = OrganizationFactory(assigned_to=sara, name="Zarinkhodro Mashhad")
    lead = LeadFactory(assigned_to=sara, company="Zarinkhodroo Mashhad", email="", phone="")
    monkeypatch.setattr(names_index, "has_index", lambda connection: False)
    assert [match.record for match in find(lead, by=sara).organization] == [organization]


def test_index_of_names_is_there():
    assert names_index.has_index(connection)


def test_what_one_may_not_see_is_announced_and_nothing_more(lead, sara, omid, as_user):
    theirs = ContactFactory(assigned_to=omid, first_name="سارا", last_name="احمدی", email="s@parsaria.ir")
    OrganizationFactory(assigned_to=omid, name="پارس آریا", phone="02188776655")
    matches = find(lead, by=sara)
    assert (matches.organization, matches.contact, matches.hidden) == ((), (), frozenset({"organization", "contact"}))
    browser = as_user(sara)
    for address in (
        f"/leads/{lead.pk}/similar/",
        f"/leads/{lead.pk}/similar/?part=1",
        "/contacts/similar/?email=s@parsaria.ir",
    ):
        page = browser.get(address).content.decode()
        assert ("you may not see" in page, theirs.number in page, theirs.get_absolute_url() in page) == (
            True,
            False,
            False,
        )


@pytest.mark.parametrize(
    ("key", "value"),
    [("email", "s@parsaria.ir"), ("mobile", "۰۹۱۲۳۴۵۶۷۸۹"), ("secondary_email", "S@PARSARIA.IR")],
)
def test_keys_follow_every_change(key, value, lead, sara):
    lead = filing.edit(lead, {"mobile": "+98 912 345 6789"}, by=sara)
    contact = ContactFactory(assigned_to=sara, first_name="سارا", last_name="احمدی")
    assert [reason.code for reason in find(lead, by=sara).contact[0].reasons] == ["name"]
    filing.edit(contact, {key: value}, by=sara)
    assert find(lead, by=sara).contact[0].is_strong
    filing.edit(contact, {key: "", "last_name": "دیگری", "first_name": "کسی"}, by=sara)
    assert find(lead, by=sara).contact == ()
    assert list(violations()) == []


def test_change_that_concerns_no_key_writes_none(lead, sara):
    before = set(Key.objects.values_list("pk", flat=True))
    filing.edit(lead, {"description": "x", "employees": 3}, by=sara)
    assert set(Key.objects.values_list("pk", flat=True)) == before


def test_deleted_and_converted_records_match_nobody(lead, sara, manager):
    other = LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی", email="s@parsaria.ir")
    gone = ContactFactory(assigned_to=sara, email="s@parsaria.ir", first_name="سارا", last_name="احمدی")
    filing.delete(gone, by=manager)
    made = convert(other.pk, Order(parts={"contact": Part()}), by=sara)
    matches = find(lead, by=sara)
    assert (matches.lead, [match.record for match in matches.contact]) == ((), [made.contact])
    assert not Key.objects.filter(lead=other).exists()
    assert list(violations()) == []


def test_integrity_tells_of_wrong_keys_and_the_command_mends_them(lead, capsys):
    Key.objects.filter(lead=lead, kind="email").delete()
    assert [message for message in violations() if "matching keys" in message] == [
        f"The matching keys of lead {lead.pk} are not those of its fields; run rebuild_match_keys"
    ]
    call_command("rebuild_match_keys")
    assert list(violations()) == []
    Key.objects.all().delete()
    writing.fill()
    assert list(violations()) == []


def test_national_id_in_a_custom_field_decides(sara):
    records = [
        ContactFactory(assigned_to=sara, last_name=name, custom={"cf_national_id": number})
        for name, number in (("Moradi", "007-123 4567"), ("Karimi", "۰۰۷۱۲۳۴۵۶۷"))
    ]
    lead = LeadFactory(assigned_to=sara, last_name="X", email="", phone="", custom={"cf_national_id": "0071234567"})
    assert [match.score for match in find(lead, by=sara).contact] == [100, 100]
    assert duplicates_among("contact", [record.pk for record in records]) == {record.pk for record in records}


def test_key_that_many_have_tells_nothing(sara):
    for _number in range(COMMON + 1):
        LeadFactory(assigned_to=sara, email="info@placeholder.ir", company="", phone="")
    lead = LeadFactory(
        assigned_to=sara, first_name="", last_name="Zed", email="info@placeholder.ir", company="", phone=""
    )
    assert find(lead, by=sara).lead == ()


def test_web_domain_that_many_leads_have_is_no_sign_of_an_organization_that_came_of_one(sara):
    for number in range(COMMON + 1):
        LeadFactory(assigned_to=sara, company=f"Firm {number}", website="www.placeholder.ir", email="", phone="")
    OrganizationFactory(assigned_to=sara, name="آرد زر", website="www.placeholder.ir")
    lead = LeadFactory(assigned_to=sara, company="Weber Group", website="placeholder.ir", email="", phone="")
    assert find(lead, by=sara).organization == ()


@pytest.mark.parametrize(("town", "is_strong"), [("تهران", True), ("کرمان", False)])
def test_list_and_record_say_the_same_of_organizations(town, is_strong, sara):
    one = OrganizationFactory(assigned_to=sara, name="پیمان فردان", billing_city="Tehran")
    other = OrganizationFactory(assigned_to=sara, name="پیمان فردان", billing_city=town)
    (match,) = engine.find(one, by=sara).matches["organization"]
    assert (match.record, match.is_strong) == (other, is_strong)
    assert duplicates_among("organization", [one.pk, other.pk]) == ({one.pk, other.pk} if is_strong else set())


def test_of_more_namesakes_than_are_looked_at_those_in_the_same_town_are_found(sara, monkeypatch):
    monkeypatch.setattr(keys_in_common, "COMMON", 2)
    monkeypatch.setattr(names_index, "_CHOSEN", names_index._CHOSEN.replace("LIMIT 60", "LIMIT 1"))
    towns = ["قم", "کرج", "یزد", "تبریز"]
    made = [OrganizationFactory(assigned_to=sara, name="فولاد ایران", billing_city=town) for town in towns]
    lead = LeadFactory(assigned_to=sara, company="فولاد ایران", city="Yazd", email="", phone="")
    assert [match.record for match in find(lead, by=sara).organization] == [made[2]]


def test_rules_decide_what_counts(lead, sara):
    contact = ContactFactory(assigned_to=sara, first_name="Q", last_name="Z", email="s@parsaria.ir")
    assert said(find(lead, by=sara), "contact") == [(contact.pk, False, ["email"])]
    Rules.objects.create(pk=1, strong_from=60)
    assert said(find(lead, by=sara), "contact") == [(contact.pk, True, ["email"])]
    Rules.objects.update(by_email=False)
    assert find(lead, by=sara).contact == ()


@pytest.mark.parametrize("count", [1, 20])
def test_many_leads_take_a_fixed_number_of_statements(count, sara):
    names = [chr(97 + number) * 8 for number in range(count)]
    leads = [
        LeadFactory(assigned_to=sara, first_name="", last_name=name, email=f"{name}@gmail.com", company="", phone="")
        for name in names
    ]
    for name in names:
        contact = ContactFactory(assigned_to=sara, last_name=name, email=f"{name}@gmail.com")
        OpportunityFactory(assigned_to=sara, contact=contact)
    user = type(sara).objects.get(pk=sara.pk)
    user.has_perm("leads.view_lead")
    with CaptureQueriesContext(connection) as queries:
        found = find_exact(leads, by=user)
    assert [len(found[lead.pk].opportunity) for lead in leads] == [1] * count
    assert len(queries) == 3


def test_duplicates_in_a_list_take_one_statement(sara, django_assert_num_queries):
    one = LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی")
    same = LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی", email=one.email)
    colleague = LeadFactory(assigned_to=sara, first_name="رضا", last_name="کریمی")
    with django_assert_num_queries(1):
        assert duplicates_among("lead", [one.pk, same.pk, colleague.pk]) == {one.pk, same.pk}
    assert Lead.objects.count() == 3
    assert Contact.objects.count() == 0
