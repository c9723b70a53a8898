"""Record pages: reading, writing, and what hangs on a record."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.records.models import Organization
from crm.related.models import Activity, Change, Comment, Document, Email, Following, Tagging
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory, comment

pytestmark = pytest.mark.django_db


def test_a_record_of_others_that_mine_points_at_is_shown_by_its_number_alone(sara, omid, as_user):
    hidden = OrganizationFactory(name="Secret Steel", assigned_to=omid)
    mine = ContactFactory(assigned_to=sara)
    type(mine).objects.filter(pk=mine.pk).update(organization=hidden)
    for address in (f"/contacts/{mine.pk}/", f"/contacts/{mine.pk}/?tab=details", "/contacts/"):
        shown = as_user(sara).get(address).text
        assert ("Secret" in shown, hidden.get_absolute_url() in shown, hidden.number in shown) == (False, False, True)


def form_of(browser, address, **changes):
    """What the form at this address would send, with some values changed."""
    form = browser.get(address).context["form"]
    data = {"seen": browser.get(address).context["seen"]}
    for field in form:
        value = form.fields[field.name].prepare_value(field.value())
        if value not in (None, False, ""):
            data[field.html_name] = "on" if value is True else str(value).replace("\n", "\r\n")
    return {**data, **changes}


def test_new_lead_is_saved_with_its_dossier(sara, as_user):
    browser = as_user(sara)
    response = browser.post(
        "/leads/new/", {"last_name": "یگانه", "assigned_to": sara.pk, "employees": "۱۲", "annual_revenue": "۴۸٬۰۰۰٫۵"}
    )
    lead = Lead.objects.get()
    assert response.url == f"/leads/{lead.pk}/"
    assert (lead.employees, str(lead.annual_revenue), lead.created_by, lead.dossiers.count()) == (
        12,
        "48000.50000",
        sara,
        1,
    )


def test_bad_input_comes_back_with_what_was_typed(sara, as_user):
    data = {
        "last_name": "",
        "email": "no address",
        "employees": "many",
        "assigned_to": sara.pk,
        "website": "javascript:alert(1)",
    }
    response = as_user(sara).post("/leads/new/", data)
    form = response.context["form"]
    assert response.status_code == 422
    assert sorted(form.errors) == ["email", "employees", "last_name", "website"]
    assert form["email"].value() == "no address"


@pytest.mark.parametrize(
    "value",
    ["x" * 81, "a\0b", "\u200b", "\u202e", "x" * 3_000_000],
    ids=["long", "nul", "invisible", "bidi", "huge"],
)
def test_hostile_names_are_refused_and_never_a_fault(value, sara, as_user):
    body = urlencode({"last_name": value.encode("utf-8", "surrogatepass"), "assigned_to": sara.pk})
    response = as_user(sara).post("/leads/new/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (400, 422)
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "{{ 7 }}", "</script><script>"]
)
def test_stored_text_is_shown_escaped_everywhere(text, sara, as_user):
    lead = LeadFactory(assigned_to=sara, last_name=text, company=text, description=text, website="http://a.com/")
    Lead.objects.filter(pk=lead.pk).update(website=f"http://a.com/{text}", email=text, phone=text)
    comment(lead, sara, text)
    browser = as_user(sara)
    for address in (
        "/leads/",
        f"/leads/{lead.pk}/",
        f"/leads/{lead.pk}/?tab=details",
        f"/leads/{lead.pk}/edit/",
        f"/leads/{lead.pk}/convert/",
        "/search/?q=script",
    ):
        page = browser.get(address).content.decode()
        assert text not in page or "{{" in text
        assert "javascript:" not in page


def test_edit_keeps_untouched_values_to_the_character(sara, as_user):
    lead = LeadFactory(assigned_to=sara, description=" two\nlines ")
    Lead.objects.filter(pk=lead.pk).update(email="no address", street="a\r\nb\n", industry="Alchemy")
    browser = as_user(sara)
    response = browser.post(f"/leads/{lead.pk}/edit/", form_of(browser, f"/leads/{lead.pk}/edit/", city="شیراز"))
    assert response.status_code == 302
    lead.refresh_from_db()
    assert (lead.city, lead.email, lead.street, lead.industry, lead.description) == (
        "شیراز",
        "no address",
        "a\r\nb\n",
        "Alchemy",
        " two\nlines ",
    )
    assert Change.objects.get().changes == {"city": ["تهران", "شیراز"]}


def test_edit_that_came_too_late_is_told_and_keeps_what_was_typed(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    address = f"/leads/{lead.pk}/edit/"
    data = form_of(browser, address, city="یزد")
    browser.post(address, form_of(browser, address, city="شیراز"))
    late = browser.post(address, data)
    assert (late.status_code, late.context["form"]["city"].value()) == (409, "یزد")
    assert [(field["label"], field["value"]) for field in late.context["conflict"]["fields"]] == [("City", "شیراز")]
    assert browser.post(address, {**data, "seen": late.context["seen"]}).status_code == 302
    lead.refresh_from_db()
    assert lead.city == "یزد"


def test_link_is_typed_as_number_or_name_and_only_to_what_one_may_see(sara, omid, as_user):
    mine, foreign = (
        OrganizationFactory(assigned_to=sara, name="کویر"),
        OrganizationFactory(assigned_to=omid, name="البرز"),
    )
    browser = as_user(sara)
    for typed, is_taken in (
        (f"ORG{mine.pk}", True),
        ("كوير", True),
        ("البرز", False),
        (f"ORG{foreign.pk}", False),
        ("ORG999", False),
    ):
        response = browser.post("/contacts/new/", {"last_name": "A", "assigned_to": sara.pk, "organization": typed})
        assert (response.status_code == 302) is is_taken, typed
    names = browser.get("/suggest/organizations/?q=کوی").json()["results"]
    assert names == [{"number": f"ORG{mine.pk}", "name": "کویر"}]
    assert browser.get("/suggest/organizations/?q=البرز").json()["results"] == []


def test_delete_asks_first_and_refuses_what_a_conversion_rests_on(sara, manager, as_user):
    lead = LeadFactory(assigned_to=sara)
    made = convert(lead.pk, Order(parts={"organization": Part(), "contact": Part()}), by=sara)
    browser = as_user(manager)
    refused = browser.post(f"/contacts/{made.contact.pk}/delete/")
    assert (refused.status_code, "rests on this record" in refused.content.decode()) == (409, True)
    other = OrganizationFactory(assigned_to=sara)
    assert browser.get(f"/organizations/{other.pk}/delete/").status_code == 200
    assert browser.post(f"/organizations/{other.pk}/delete/").status_code == 302
    assert not Organization.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    ("kind", "data", "model"),
    [
        ("comment", {"body": "Called\r\ntwice"}, Comment),
        ("task", {"subject": "Send", "status": "planned", "priority": "high", "due_at": "1405/09/30 14:30"}, Activity),
        (
            "call",
            {
                "subject": "Call",
                "status": "done",
                "priority": "low",
                "starts_at": "2026-12-01 10:00",
                "ends_at": "2026-12-01 10:12",
            },
            Activity,
        ),
        ("meeting", {"subject": "Demo", "status": "planned", "priority": "low", "location": "Tehran"}, Activity),
        ("email", {"direction": "sent", "subject": "Prices", "recipients": "a@b.ir"}, Email),
    ],
)
def test_things_are_added_to_a_record(kind, data, model, sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    response = browser.post(f"/leads/{lead.pk}/add/{kind}/", {"assigned_to": sara.pk, **data})
    assert response.status_code == 302, response.context["form"].errors
    assert model.objects.get().dossier == lead.dossiers.get()
    assert browser.get(f"/leads/{lead.pk}/").status_code == 200


def test_wrong_addition_is_shown_in_the_record(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    data = {
        "subject": "Call",
        "status": "done",
        "priority": "low",
        "assigned_to": sara.pk,
        "starts_at": "2026-12-01 10:00",
        "ends_at": "2026-12-01 09:00",
    }
    response = as_user(sara).post(f"/leads/{lead.pk}/add/call/", data)
    assert (response.status_code, "before the start" in response.content.decode()) == (422, True)


FILES = [
    ("a.php.jpg", b"<?php echo 1;"),
    ("page.pdf", b"<html><script>alert(1)</script>"),
    ("x.svg", b"<svg onload='alert(1)'/>"),
    ("broken.docx", b"PK\x03\x04broken"),
    ("empty.txt", b""),
    ("program.exe", b"MZ"),
    ("binary.txt", b"\x00\x01"),
]


@pytest.mark.parametrize(("name", "content"), FILES)
def test_dangerous_files_leave_no_trace(name, content, sara, as_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    lead = LeadFactory(assigned_to=sara)
    response = as_user(sara).post(f"/leads/{lead.pk}/add/document/", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert not Document.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_file_that_is_too_large_is_refused(sara, as_user, settings):
    settings.DOCUMENT_MAX_BYTES = 10
    lead = LeadFactory(assigned_to=sara)
    response = as_user(sara).post(f"/leads/{lead.pk}/add/document/", {"file": SimpleUploadedFile("a.txt", b"x" * 11)})
    assert response.status_code == 422


def test_document_comes_down_as_it_went_up(sara, omid, as_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    lead = LeadFactory(assigned_to=sara)
    name = "../../etc/قرارداد\u202efdp.txt"
    browser = as_user(sara)
    assert (
        browser.post(f"/leads/{lead.pk}/add/document/", {"file": SimpleUploadedFile(name, "سلام".encode())}).status_code
        == 302
    )
    document = Document.objects.get()
    assert document.file_name == "قراردادfdp.txt"
    response = browser.get(f"/documents/{document.pk}/")
    assert b"".join(response.streaming_content).decode() == "سلام"
    assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )
    assert as_user(omid).get(f"/documents/{document.pk}/").status_code == 404
    browser.post(f"/related/document/{document.pk}/delete/")
    assert not Document.objects.exists()


def test_tags_and_following(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    browser = as_user(sara)
    browser.post(f"/leads/{lead.pk}/tags/", {"tags": "مهم، VIP, مهم"})
    browser.post(f"/leads/{lead.pk}/follow/", {"follow": "1"})
    assert sorted(Tagging.objects.values_list("tag__name", flat=True)) == ["VIP", "مهم"]
    assert Following.objects.get().user == sara
    browser.post(f"/leads/{lead.pk}/tags/", {"tags": "VIP"})
    browser.post(f"/leads/{lead.pk}/follow/", {"follow": "0"})
    assert (Tagging.objects.count(), Following.objects.count()) == (1, 0)


def test_timeline_is_newest_first_and_pages_on(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    home, now = lead.dossiers.get(), lead.created_at
    Comment.objects.bulk_create(
        Comment(dossier=home, body=f"n{number}", created_by=sara, created_at=now - dt.timedelta(hours=number))
        for number in range(30)
    )
    browser = as_user(sara)
    first = browser.get(f"/leads/{lead.pk}/").context["page"]
    second = browser.get(f"/leads/{lead.pk}/", {"before": first.older()}).context["page"]
    texts = [entry.text for entry in [*first.earlier, *second.earlier]]
    assert texts == [f"n{number}" for number in range(30)]
    assert second.older() == ""


def test_what_came_from_the_lead_is_marked_on_contact_and_opportunity(sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    comment(lead, sara, "Wants forty seats")
    made = convert(lead.pk, Order(parts={"contact": Part(), "opportunity": Part()}), by=sara)
    for record in (made.contact, made.opportunity):
        page = as_user(sara).get(record.get_absolute_url()).context["page"]
        entry = next(one for one in page.earlier if one.text == "Wants forty seats")
        assert entry.from_lead
        assert page.conversions == [made]
        assert page.counts["comments"] == Comment.objects.filter(dossier__in=page.dossiers).count() > 0


@pytest.mark.parametrize("count", [0, 40])
def test_record_page_takes_a_fixed_number_of_statements(count, sara, as_user):
    contact = ContactFactory(assigned_to=sara)
    for _ in range(count):
        comment(contact, sara)
    browser = as_user(sara)
    browser.get(contact.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        browser.get(contact.get_absolute_url())
    assert len(queries) == 23


@pytest.mark.parametrize(
    "before", ["x", "2026-13-45T00:00", "2026-01-01T00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00+14:00"]
)
def test_no_moment_upsets_the_timeline(before, sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    assert as_user(sara).get(f"/leads/{lead.pk}/", {"before": before}).status_code == 200


@pytest.mark.parametrize(
    ("name", "text"),
    [("seen", "2026-13-45T00:00:00"), ("organization", "ORG" + "9" * 5000), ("organization", "a" * 70_000)],
)
def test_what_no_page_of_ours_would_send_is_no_fault(sara, as_user, name, text):
    contact = ContactFactory(assigned_to=sara)
    sent = {"last_name": "Moradi", "assigned_to": sara.pk, name: text}
    assert as_user(sara).post(f"/contacts/{contact.pk}/edit/", sent).status_code in (302, 422)
