"""The main job, as a new user does it in a browser, in both languages, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from leads.models import Conversion, Lead
from tests.factories import LeadFactory, OrganizationFactory, activity, comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead(sara):
    lead = LeadFactory(
        assigned_to=sara, first_name="الهام", last_name="گلپایگانی", mobile="0912 345 6789", description="two\nlines "
    )
    comment(lead, sara, "Wants forty seats")
    activity(lead, sara)
    return lead


@pytest.mark.parametrize(("language", "width", "word"), [("fa", 1366, "گلپا"), ("en", 390, "گلپا")])
def test_find_read_convert_and_follow_the_links(language, width, word, sara, lead, visit):
    page = visit(sara, language=language, width=width)
    page.fill("input[name=q]", word)
    page.press("input[name=q]", "Enter")
    page.wait_for_url("**/search/**")
    page.click(f"a[href='/leads/{lead.pk}/']")
    page.wait_for_url(f"**/leads/{lead.pk}/")
    expect(page.locator("main")).to_contain_text("Wants forty seats")
    page.locator(f"a[href='/leads/{lead.pk}/convert/']").first.click()
    page.wait_for_url("**/convert/")
    page.check("#id_create_opportunity")
    page.fill("#id_opportunity-amount", "۲۵۰٬۰۰۰")
    page.check("input[name=transfer_to][value=organization]")
    page.locator("button[type=submit][aria-describedby=irreversible]").click()
    page.wait_for_url("**/conversions/*/")
    made = Conversion.objects.get()
    assert (made.opportunity.amount, made.transfer_to, made.organization.description) == (
        250000,
        "organization",
        "two\nlines ",
    )
    for record in (made.organization, made.contact, made.opportunity):
        page.goto(made.get_absolute_url())
        page.locator(f"main a[href='{record.get_absolute_url()}']").first.click()
        page.wait_for_url(f"**{record.get_absolute_url()}")
        expect(page.locator("h1")).to_contain_text(record.title)
    answer = page.goto(f"/leads/{lead.pk}/")
    assert answer.status == 410
    expect(page.locator("main")).to_contain_text(made.contact.title)
    assert not [text for text in page.complaints if "410" not in text]


def test_cards_radio_and_losses_follow_the_ticks(sara, lead, visit):
    page = visit(sara)
    page.goto(f"/leads/{lead.pk}/convert/")
    contact, organization = (
        page.locator("input[value=contact][name=transfer_to]"),
        page.locator("input[value=organization][name=transfer_to]"),
    )
    expect(contact).to_be_checked()
    page.uncheck("#id_create_contact")
    expect(organization).to_be_checked()
    expect(contact).to_be_disabled()
    expect(page.locator("#body-contact")).to_be_hidden()
    expect(page.locator("[name=lost_mobile]")).to_be_visible()
    page.select_option("[name=lost_mobile]", "organization:other_phone")
    page.check("#id_create_contact")
    expect(page.locator("[name=lost_mobile]")).to_be_hidden()
    page.uncheck("#id_create_contact")
    page.locator("button[aria-describedby=irreversible]").click()
    page.wait_for_url("**/conversions/*/")
    made = Conversion.objects.get()
    assert (made.contact, made.organization.other_phone) == (None, "0912 345 6789")


def test_existing_organization_is_compared_chosen_and_filled(sara, lead, visit):
    Lead.objects.filter(pk=lead.pk).update(employees=60)
    there = OrganizationFactory(assigned_to=sara, name=lead.company, phone=lead.phone, employees=35)
    other = OrganizationFactory(assigned_to=sara, name="Kavir Steel")
    page = visit(sara)
    page.goto(f"/leads/{lead.pk}/convert/")
    keep = page.locator("[name=organization-employees-wins][value=keep]")
    expect(keep).to_be_checked()
    expect(page.locator("[name=lost_employees]")).to_be_visible()
    page.wait_for_selector("[data-fuzzy][value=on]", state="attached")
    page.fill("#id_contact-first_name", "Typed")
    page.check("#existing-organization-new")
    expect(keep).to_have_count(0)
    page.fill("#find-organization", other.number)
    page.press("#find-organization", "Enter")
    expect(page.locator("#about-organization")).to_contain_text("Kavir Steel")
    page.check(f"#existing-organization-{there.pk}")
    expect(keep).to_be_checked()
    expect(page.locator("#id_contact-first_name")).to_have_value("Typed")
    page.check("[name=organization-employees-wins][value=replace]")
    expect(page.locator("[name=lost_employees]")).to_be_hidden()
    page.locator("button[aria-describedby=irreversible]").click()
    page.wait_for_url("**/conversions/*/")
    made = Conversion.objects.get()
    assert (made.organization, made.organization.employees, made.contact.first_name) == (there, 60, "Typed")
    assert page.complaints == []


def test_errors_come_back_with_everything_typed_and_the_focus_on_them(sara, lead, visit):
    page = visit(sara)
    page.goto(f"/leads/{lead.pk}/convert/")
    page.fill("#id_contact-last_name", "")
    page.fill("#id_organization-name", "Typed anew")
    page.locator("button[aria-describedby=irreversible]").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("The lead was not converted.")
    expect(page.locator("#id_organization-name")).to_have_value("Typed anew")
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_contact-last_name")).to_be_focused()
    assert not Conversion.objects.exists()


def test_edited_field_says_so_and_is_reset(sara, lead, visit):
    page = visit(sara)
    page.goto(f"/leads/{lead.pk}/convert/")
    field = page.locator("[data-field]", has=page.locator("#id_contact-first_name"))
    expect(field).to_contain_text("Lead · First name")
    page.fill("#id_contact-first_name", "Elli")
    expect(field.locator("[data-edited]")).to_contain_text("الهام")
    field.get_by_role("button", name="Reset").click()
    expect(page.locator("#id_contact-first_name")).to_have_value("الهام")
    expect(field.locator("[data-edited]")).to_be_hidden()


def test_change_by_a_colleague_is_shown_and_what_was_typed_stays(sara, lead, visit):
    page = visit(sara)
    page.goto(f"/leads/{lead.pk}/convert/")
    page.fill("#id_contact-first_name", "Typed")
    Lead.objects.filter(pk=lead.pk).update(city="یزد", modified_by=sara)
    page.locator("button[aria-describedby=irreversible]").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("City")
    expect(page.locator("#id_contact-mailing_city")).to_have_value("یزد")
    expect(page.locator("#id_contact-first_name")).to_have_value("Typed")
    page.locator("button[aria-describedby=irreversible]").click()
    page.wait_for_url("**/conversions/*/")
    assert Conversion.objects.get().contact.mailing_city == "یزد"


def test_it_works_without_javascript(sara, lead, visit):
    page = visit(sara, java_script_enabled=False)
    page.goto(f"/leads/{lead.pk}/convert/")
    page.check("#id_create_opportunity")
    page.locator("button[aria-describedby=irreversible]").click()
    page.wait_for_url("**/conversions/*/")
    assert Conversion.objects.get().opportunity is not None


def test_keyboard_reaches_pages_and_saves(sara, lead, visit):
    page = visit(sara)
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/leads/**")
    page.keyboard.press("/")
    expect(page.locator("header input[name=q]")).to_be_focused()
    page.goto("/leads/new/")
    page.fill("#id_last_name", "Novak")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/leads/\d+/$"))
    expect(page.locator("h1")).to_contain_text("Novak")
    assert Lead.objects.filter(last_name="Novak").exists()
