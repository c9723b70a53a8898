"""The conversion page on the server's side: statements, errors, double presses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.related.models import Comment
from leads.models import Conversion, Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def posted(page, **changes):
    """What a browser would send of this page untouched, with some values changed."""
    form = page.context["form"]
    data = {}
    for part in (form, *form.parts.values()):
        for field in part:
            value = part.fields[field.name].prepare_value(field.value())
            if value not in (None, False, ""):
                data[field.html_name] = "on" if value is True else str(value).replace("\n", "\r\n")
    for key, part in form.parts.items():
        if part.existing:
            data |= {
                f"existing_{key}": str(part.existing.pk),
                f"seen_{key}": f"{part.existing.pk}@{part.existing.modified_at.isoformat()}",
            }
    data.update(changes)
    return {name: value for name, value in data.items() if value is not None}


@pytest.mark.parametrize("count", [0, 200])
def test_page_and_save_take_few_statements(count, sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    Comment.objects.bulk_create(Comment(dossier=lead.dossiers.get(), body="x", created_by=sara) for _ in range(count))
    browser = as_user(sara)
    browser.get("/leads/")
    with CaptureQueriesContext(connection) as reading:
        page = browser.get(f"/leads/{lead.pk}/convert/")
    with CaptureQueriesContext(connection) as writing:
        assert browser.post(f"/leads/{lead.pk}/convert/", posted(page, create_opportunity="on")).status_code == 302
    assert (len(reading) <= 13, len(writing) <= 27) == (True, True), (len(reading), len(writing))


def test_untouched_values_arrive_to_the_character(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    values = {
        "description": "\n a\r\nb\n\nc\t",
        "street": "x\ny ",
        "email": "no address",
        "phone": " ۰۹۱۲ ",
        "industry": "Alchemy",
    }
    Lead.objects.filter(pk=lead.pk).update(**values)
    browser = as_user(sara)
    response = browser.post(f"/leads/{lead.pk}/convert/", posted(browser.get(f"/leads/{lead.pk}/convert/")))
    assert response.status_code == 302
    made = Conversion.objects.get()
    assert {
        "description": made.contact.description,
        "street": made.contact.mailing_street,
        "email": made.contact.email,
        "phone": made.contact.office_phone,
        "industry": made.organization.industry,
    } == values


def test_second_press_leads_to_the_first_receipt_and_a_second_tab_to_the_notice(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    first, second = posted(browser.get(f"/leads/{lead.pk}/convert/")), posted(browser.get(f"/leads/{lead.pk}/convert/"))
    receipt = browser.post(f"/leads/{lead.pk}/convert/", first).url
    assert browser.post(f"/leads/{lead.pk}/convert/", first).url == receipt
    assert browser.post(f"/leads/{lead.pk}/convert/", second).status_code == 410
    assert Conversion.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"create_contact": None, "create_organization": None}, "Tick Organization or Contact."),
        ({"create_contact": None}, "Related records can&#x27;t move to Contact"),
        ({"contact-last_name": None}, "Contact: Enter a value for Last name."),
        ({"create_opportunity": "on", "opportunity-closing_date": "1404/12/30"}, "There is no such day."),
        ({"contact-job_title": "x" * 51}, "takes 50 characters; this value has 51"),
        ({"organization-annual_revenue": "many"}, "Enter a number"),
        ({"contact-birthday": "\0"}, "Enter a date"),
        ({"transfer_to": "lead"}, "Select a valid choice"),
        ({"lost_lead_status": "contact:nonsense"}, "Select a valid choice"),
    ],
)
def test_bad_input_comes_back_in_the_page(changes, words, sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    response = browser.post(f"/leads/{lead.pk}/convert/", posted(browser.get(f"/leads/{lead.pk}/convert/"), **changes))
    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert not Conversion.objects.exists()


def test_foreign_keys_in_the_form_reach_nothing(sara, omid, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    extra = {
        "converted_at": "",
        "owner_id": omid.pk,
        "contact-organization": "1",
        "contact-created_by": omid.pk,
        "is_staff": "1",
    }
    assert (
        browser.post(
            f"/leads/{lead.pk}/convert/", posted(browser.get(f"/leads/{lead.pk}/convert/"), **extra)
        ).status_code
        == 302
    )
    made = Conversion.objects.get()
    assert (made.contact.organization, made.contact.created_by) == (made.organization, sara)
    sara.refresh_from_db()
    assert not sara.is_staff


def test_receipt_shows_where_everything_went(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    url = browser.post(
        f"/leads/{lead.pk}/convert/", posted(browser.get(f"/leads/{lead.pk}/convert/"), lost_lead_status="leave")
    ).url
    page = browser.get(url).content.decode()
    assert "Left behind on purpose:" in page
    assert "From the lead: Company" in page


def test_who_may_not_add_opportunities_sees_why(sara, as_user):
    group = sara.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_opportunity"))
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    page = browser.get(f"/leads/{lead.pk}/convert/")
    assert "You can't create records of this kind" in page.content.decode()
    assert browser.post(f"/leads/{lead.pk}/convert/", posted(page, create_opportunity="on")).status_code == 422
    assert browser.post(f"/leads/{lead.pk}/convert/", posted(page)).status_code == 302
    assert Conversion.objects.get().opportunity is None


def test_snapshot_is_for_administrators(sara, admin, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    url = browser.post(f"/leads/{lead.pk}/convert/", posted(browser.get(f"/leads/{lead.pk}/convert/"))).url
    assert browser.get(f"{url}lead/").status_code == 403
    assert lead.last_name in as_user(admin).get(f"{url}lead/").content.decode()


def test_side_column_says_what_is_kept_and_names_what_the_dossier_moves_to(sara, as_user):
    lead = LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی", rating="Active")
    browser = as_user(sara)
    page = browser.get(f"/leads/{lead.pk}/convert/")
    kept = page.context["page"].totals()
    assert (kept["carried"] + kept["chosen"], kept["left"]) == (kept["filled"], 0)
    named = [(one["name"], one["named_by"]) for one in page.context["page"].transfer_choices()]
    assert named == [
        ("سارا احمدی", "contact-first_name contact-last_name"),
        (lead.company, "organization-name"),
    ]
    refused = browser.post(
        f"/leads/{lead.pk}/convert/",
        posted(page, **{"lost_lead_status": "leave", "contact-last_name": None}),
    )
    assert refused.context["page"].totals() == {**kept, "chosen": kept["chosen"] - 1, "left": 1}
    assert refused.context["page"].transfer_choices()[0]["name"] == "سارا"
