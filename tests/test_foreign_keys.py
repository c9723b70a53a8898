"""Numbers of other people's records, typed where one's own belong: nothing is linked, moved, shown or changed."""

import json

import pytest

from crm.records.models import Contact, Opportunity, Organization
from crm.related.models import Activity, Comment
from leads.models import Conversion, Lead
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(omid):
    """Records of omid's, in another team than sara's."""
    lead = LeadFactory(assigned_to=omid, last_name="Geheim", company="Geheimnis")
    return {
        "lead": lead.pk,
        "organization": OrganizationFactory(assigned_to=omid, name="Geheimnis").pk,
        "contact": ContactFactory(assigned_to=omid, last_name="Geheim").pk,
        "opportunity": OpportunityFactory(assigned_to=omid, name="Geheim").pk,
        "comment": comment(lead, omid, "Geheim").pk,
    }


@pytest.fixture
def sara_sells(sara, as_user):
    return as_user(sara)


def send(browser, method, address, **body):
    return getattr(browser, method)(address, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize(
    ("address", "field", "kind", "prefix", "more"),
    [
        ("/contacts/new/", "organization", "organization", "ORG", {"last_name": "x"}),
        ("/contacts/new/", "reports_to", "contact", "CON", {"last_name": "x"}),
        ("/organizations/new/", "member_of", "organization", "ORG", {"name": "x"}),
        ("/opportunities/new/", "organization", "organization", "ORG",
         {"name": "x", "closing_date": "2026-12-01", "sales_stage": "Prospecting"}),
        ("/opportunities/new/", "contact", "contact", "CON",
         {"name": "x", "closing_date": "2026-12-01", "sales_stage": "Prospecting"}),
    ],
)  # fmt: skip
def test_link_to_a_record_one_may_not_see_is_refused(address, field, kind, prefix, more, theirs, sara, sara_sells):
    page = sara_sells.post(address, {**more, "assigned_to": sara.pk, field: f"{prefix}{theirs[kind]}"})
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert "Geheim" not in page.content.decode()
    answer = send(sara_sells, "post", f"/api/v1{address.removesuffix('new/')}", **more, **{field: theirs[kind]})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert [model.objects.filter(assigned_to=sara).count() for model in (Contact, Organization, Opportunity)] == [
        0,
        0,
        0,
    ]


def test_link_named_in_the_address_tells_nothing(theirs, sara_sells):
    page = sara_sells.get("/contacts/new/", {"organization": theirs["organization"]})
    assert "Geheim" not in page.content.decode()


@pytest.mark.parametrize("kind", ["lead", "organization", "contact", "opportunity"])
def test_nothing_is_hung_on_a_record_one_may_not_see(kind, theirs, sara_sells):
    bodies = {"comments": {"body": "x"}, "activities": {"kind": "call", "subject": "x"}, "emails": {"subject": "x"}}
    before = Comment.objects.count()
    for collection, body in bodies.items():
        answer = send(sara_sells, "post", f"/api/v1/{collection}/", **body, **{kind: theirs[kind]})
        assert answer.status_code in (400, 404), collection
    assert (Comment.objects.count(), Activity.objects.count()) == (before, 0)


def test_own_note_can_not_be_moved_to_a_record_one_may_not_see(theirs, sara, sara_sells):
    lead = LeadFactory(assigned_to=sara)
    note = comment(lead, sara)
    answer = send(sara_sells, "patch", f"/api/v1/comments/{note.pk}/", lead=theirs["lead"])
    note.refresh_from_db()
    assert (answer.status_code in (200, 400, 404), note.dossier.lead_id) == (True, lead.pk)


def test_lists_search_and_suggestions_tell_nothing(theirs, sara_sells):
    for address in (
        "/search/?q=gehei", "/leads/?q=gehei", "/organizations/", "/contacts/", "/opportunities/", "/activities/", "/",
        "/suggest/organizations/?q=gehei", "/suggest/contacts/?q=gehei", "/suggest/leads/?q=gehei",
        "/api/v1/leads/", "/api/v1/organizations/?search=gehei", "/api/v1/comments/", f"/api/v1/comments/?lead={theirs['lead']}",
    ):  # fmt: skip
        answer = sara_sells.get(address)
        text = answer.content.decode().replace('value="Geheim"', "").replace("“Geheim”", "").replace("=gehei", "")
        assert (answer.status_code, "Geheim" in text) in ((200, False), (404, False)), address


def test_conversion_takes_no_more_than_its_own_fields(theirs, sara, sara_sells):
    """Mass assignment: keys beside the form's are not read (ASVS 15.3.3)."""
    lead = LeadFactory(assigned_to=sara)
    extra = {
        "lead_id": theirs["lead"], "converted_at": "", "owner_id": 1, "organization_id": theirs["organization"], "id": 999,
        "is_staff": 1, "contact-organization": theirs["organization"], "opportunity-contact": theirs["contact"],
        "contact-id": theirs["contact"], "organization-number": "ORG1", "existing": theirs["organization"], "custom.evil": 1,
    }  # fmt: skip
    page = sara_sells.get(f"/leads/{lead.pk}/convert/")
    form = dict(shown_values(page))
    answer = sara_sells.post(f"/leads/{lead.pk}/convert/", {**form, "create_opportunity": "on", **extra})
    assert answer.status_code == 302
    made = Conversion.objects.get()
    assert (made.lead_id, made.converted_by, made.contact.organization_id) == (lead.pk, sara, made.organization_id)
    assert (made.opportunity.contact_id, made.opportunity.organization_id) == (made.contact_id, made.organization_id)
    assert theirs["organization"] != made.organization_id
    assert Lead.objects.filter(pk=theirs["lead"]).exists()
    sara.refresh_from_db()
    assert not sara.is_staff


def shown_values(page):
    """What a browser would send back from the conversion page."""
    form = page.context["form"]
    for bound in [*form, *(field for part in form.parts.values() for field in part)]:
        value = bound.value()
        if value not in (None, False, ""):
            yield bound.html_name, "on" if value is True else value


@pytest.mark.parametrize("kind", ["organization", "contact", "opportunity"])
def test_conversion_fills_no_record_one_may_not_see(kind, theirs, sara, sara_sells):
    """The pickers of the conversion page and the API answer alike whether the record is hidden or missing."""
    lead = LeadFactory(assigned_to=sara)
    address = f"/leads/{lead.pk}/convert/"
    form = {**dict(shown_values(sara_sells.get(address))), "create_contact": "on", f"create_{kind}": "on"}
    answers = []
    for number in (theirs[kind], 999_999):
        for more in ({}, {"show": kind}, {"seen_" + kind: f"{number}@2026-01-01T00:00:00+00:00"}):
            page = sara_sells.post(address, {**form, f"existing_{kind}": number, **more})
            assert "Geheim" not in page.content.decode()
            answers.append(page.status_code)
        answer = send(sara_sells, "post", f"/api/v1{address}", **{kind: {"existing": number}})
        answers += [answer.status_code, answer.json()]
    assert answers[:5] == answers[5:]
    assert (answers[0], answers[3], list(answers[4])) == (409, 400, [kind])
    brought = send(sara_sells, "post", f"/api/v1{address}", also=[{"lead": theirs["lead"]}])
    assert (brought.status_code, "Geheim" in brought.content.decode()) == (400, False)
    assert not Conversion.objects.exists()


@pytest.mark.parametrize("key", ["source_lead", "converted_at", "custom.evil", "is_staff"])
def test_programs_are_told_of_keys_that_are_no_fields(key, sara, sara_sells):
    lead = LeadFactory(assigned_to=sara)
    assert send(sara_sells, "post", f"/api/v1/leads/{lead.pk}/convert/", **{key: 1}).status_code == 400
    assert not Conversion.objects.exists()


def test_what_a_conversion_made_is_not_told_to_who_may_not_see_it(omid, sara, admin, as_user):
    lead = LeadFactory(assigned_to=omid)
    send(as_user(omid), "post", f"/api/v1/leads/{lead.pk}/convert/")
    stranger = as_user(sara)
    made = Conversion.objects.get()
    for address in (
        f"/leads/{lead.pk}/",
        made.get_absolute_url(),
        f"/api/v1/leads/{lead.pk}/",
        f"/api/v1/conversions/{made.pk}/",
    ):
        assert stranger.get(address).status_code == 404
    assert send(stranger, "post", f"/api/v1/leads/{lead.pk}/convert/").status_code == 404
    assert as_user(admin).get(f"/api/v1/leads/{lead.pk}/").status_code == 410


def test_a_record_does_not_point_at_itself(sara, sara_sells):
    contact = ContactFactory(assigned_to=sara)
    number = f"CON{contact.pk}"
    told = sara_sells.post(
        f"/contacts/{contact.pk}/edit/", {"last_name": "x", "assigned_to": sara.pk, "reports_to": number}
    )
    assert told.status_code == 422
    assert "Choose another record: this one can&#x27;t point at itself." in told.content.decode()
