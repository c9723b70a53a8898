"""From the list to the job's page: choosing, checking, deciding, starting, and the report."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.jobs.models import Item, Job
from crm.jobs.worker import work_off
from leads.bulk import job as jobs
from leads.conversion.many import Wish
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion, Lead
from tests.factories import ContactFactory, LeadFactory

pytestmark = pytest.mark.django_db
WISH = {"parts": "", "transfer_to": "", "on_match": "skip"}
ALI = {"first_name": "Ali", "last_name": "Karimi", "email": "ali@karimi.ir", "phone": ""}


@pytest.fixture
def browser(sara, as_user):
    return as_user(sara)


@pytest.fixture
def three(sara):
    """A clean lead, one that looks like a contact that is there, and one that can't be converted."""
    ContactFactory(assigned_to=sara, first_name="Ali", last_name="Karimi", email="ali@karimi.ir")
    clean = LeadFactory(assigned_to=sara, first_name="Mina", last_name="Rad", phone="", company="Rad Co")
    alike = LeadFactory(assigned_to=sara, company="", **ALI)
    broken = LeadFactory(assigned_to=sara, company="", phone="")
    Lead.objects.filter(pk=broken.pk).update(last_name="")
    return clean, alike, broken


def post(browser, **sent):
    return browser.post("/leads/convert/", sent)


def test_ticked_leads_become_a_job_that_sorts_them(browser, three):
    answer = post(browser, lead=[lead.pk for lead in three])
    job = Job.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/jobs/{job.pk}/")
    page = browser.get(answer.url)
    groups = [(str(group.label), group.count) for group in page.context["page"].groups()]
    assert groups == [("Needs a decision", 1), ("Can't be converted", 1), ("Clean", 1)]
    assert (page.context["page"].now, page.context["page"].waiting) == (1, 1)
    assert "Convert 1 lead now" in page.content.decode()
    assert Conversion.objects.count() == 0
    refused = browser.get(f"{answer.url}?show=cannot").content.decode()
    assert "Contact: Enter a value for Last name." in refused


def test_all_of_a_view_are_the_ones_its_filters_find(browser, sara, three):
    LeadFactory(assigned_to=sara, lead_status="Cold")
    post(browser, all="1", of="?view=all&status=Cold")
    assert Job.objects.get().total == 1


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({}, "Tick at least one record"),
        ({"lead": ["x"]}, "Name records by their numbers"),
        ({"lead": ["9" * 30]}, "Name records by their numbers"),
        ({"all": "1", "of": "?f=nonsense~is~1"}, ""),
    ],
)
def test_what_chooses_nothing_is_said_in_the_page(browser, sent, text):
    answer = post(browser, **sent)
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    assert text in answer.content.decode()


def test_leads_of_others_are_not_in_the_job(browser, omid):
    post(browser, lead=[LeadFactory(assigned_to=omid).pk])
    assert Job.objects.get().total == 0


def test_what_was_decided_in_the_grid_is_done(browser, three):
    clean, alike, _broken = three
    url = post(browser, lead=[lead.pk for lead in three]).url
    page = browser.get(url).context["page"]
    organization, contact, transfer = page.decisions[0].selects
    there = contact.options[1][0]
    assert (organization.value, contact.value, transfer.value) == ("", "", "")
    sent = {contact.name: there, "action": "save"}
    assert browser.post(url, WISH | sent).status_code == 302
    assert Item.objects.get(record=alike.pk).choice == {"existing": {"contact": int(there)}, "parts": ["contact"]}
    decided = browser.get(url).context["page"]
    assert (decided.now, decided.waiting) == (2, 0)
    browser.post(f"{url}?show=clean", WISH | {"action": "start"})
    work_off()
    page = browser.get(url)
    assert [(str(group.label), group.count) for group in page.context["page"].groups()] == [
        ("Refused", 1), ("Converted", 2),
    ]  # fmt: skip
    assert Conversion.objects.get(lead=alike).contact_id == int(there)
    assert Conversion.objects.get(lead=clean).organization.name == "Rad Co"


def test_a_record_that_is_no_option_is_not_taken(browser, omid, three):
    theirs = ContactFactory(assigned_to=omid)
    url = post(browser, lead=[three[1].pk]).url
    contact = browser.get(url).context["page"].decisions[0].selects[1]
    browser.post(url, WISH | {contact.name: theirs.pk, "action": "save"})
    assert Item.objects.get().choice == {}


def test_what_nobody_decided_goes_by_the_rule(browser, sara):
    for name in ("Mina", "Omid"):
        LeadFactory(assigned_to=sara, company="Nur Co", first_name=name, last_name=f"{name}i", phone="")
    url = post(browser, all="1", of="?view=all").url
    page = browser.get(url).context["page"]
    sent = {select.name: select.value for row in page.decisions for select in row.selects}
    browser.post(url, {**WISH, **sent, "on_match": "use_best", "action": "start"})
    work_off()
    assert Conversion.objects.count() == 2
    assert len(set(Conversion.objects.values_list("organization", flat=True))) == 1


def test_a_lead_can_be_left_out(browser, three):
    url = post(browser, lead=[three[1].pk]).url
    browser.post(url, WISH | {f"skip-{three[1].pk}": "on", "action": "start"})
    work_off()
    assert Item.objects.get().outcome == "undecided"


def test_the_wish_goes_for_all(browser, three):
    url = post(browser, lead=[three[0].pk]).url
    wish = {"parts": "organization,contact,opportunity", "transfer_to": "organization", "on_match": "create"}
    browser.post(url, wish | {"action": "start"})
    work_off()
    made = Conversion.objects.get()
    assert (made.opportunity is None, made.transfer_to) == (False, "organization")
    assert browser.post(url, wish | {"parts": "house", "action": "start"}).status_code == 302


def test_a_wish_that_makes_no_sense_is_refused(browser, three):
    url = post(browser, lead=[three[0].pk]).url
    answer = browser.post(url, WISH | {"parts": "house", "action": "start"})
    assert (answer.status_code, Job.objects.get().state) == (422, "ready")


def test_job_is_paused_resumed_and_cancelled(browser, sara, three):
    url = post(browser, lead=[three[0].pk]).url
    browser.post(url, WISH | {"action": "start"})
    states = []
    for action in ("pause", "resume", "cancel", "resume"):
        browser.post(url, {"action": action})
        states.append(Job.objects.get().state)
    assert states == ["paused", "running", "cancelled", "cancelled"]


def test_page_of_a_job_is_for_its_owner_and_administrators(browser, three, omid, manager, admin, as_user):
    url = post(browser, lead=[three[0].pk]).url
    statuses = {user.username: as_user(user).get(url).status_code for user in (omid, manager, admin)}
    assert statuses == {"omid": 404, "manager": 404, "admin": 200}
    assert as_user(omid).post(url, {"action": "cancel"}).status_code == 404


def test_report_names_every_lead_and_no_cell_is_a_formula(browser, sara, three):
    LeadFactory(assigned_to=sara, last_name="=1+1", company=" @SUM(A1)", first_name="")
    url = post(browser, all="1", of="?view=all").url
    browser.post(url, WISH | {"action": "start"})
    work_off()
    answer = browser.get(f"{url}report/")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:4] == ["Lead", "Name", "Company", "Result"]
    assert len(rows) == 1 + 4
    assert [row[1:4] for row in rows if "1+1" in row[1]] == [["'=1+1", "' @SUM(A1)", "Converted"]]


@pytest.mark.parametrize("count", [1, 30])
def test_page_costs_the_same_with_one_and_with_many_leads(browser, sara, count):
    leads = [LeadFactory(assigned_to=sara, company="", **ALI) for _ in range(count)]
    ContactFactory(assigned_to=sara, first_name="Ali", last_name="Karimi", email="ali@karimi.ir")
    job = jobs.create(Lead.objects.filter(pk__in=[lead.pk for lead in leads]), Wish(), by=sara)
    jobs.check(job)
    with CaptureQueriesContext(connection) as statements:
        assert browser.get(f"/jobs/{job.pk}/").status_code == 200
    assert len(statements) <= 25
    Item.objects.update(outcome="refused")
    Job.objects.update(state="finished")
    with CaptureQueriesContext(connection) as statements:
        browser.get(f"/jobs/{job.pk}/")
    assert len(statements) <= 12


def test_who_only_reads_sees_no_checkboxes(reader, sara, as_user):
    LeadFactory(assigned_to=sara)
    assert b'name="lead"' not in as_user(reader).get("/leads/").content
    assert b'name="lead"' in as_user(sara).get("/leads/").content


def test_queue_leads_from_one_lead_to_the_next(browser, sara, omid, as_user):
    leads = [LeadFactory(assigned_to=sara, company="Nur Co", phone="") for _ in range(3)]
    url = post(browser, all="1", of="?view=all").url
    first = browser.get(url).context["page"].queue
    assert first == f"/leads/{leads[1].pk}/convert/?queue={Job.objects.get().pk}"
    page = browser.get(first)
    queue = page.context["queue"]
    assert (queue.position, queue.total) == (1, 2)
    assert queue.next == f"/leads/{leads[2].pk}/convert/?queue={queue.job.pk}"
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("stamp", "key", "transfer_to")} | {"create_contact": "on"}
    contact = {field.html_name: field.value() for field in form.parts["contact"]}
    sent |= {name: "on" if value is True else value for name, value in contact.items() if value not in (None, False)}
    assert browser.post(first, sent).url == queue.next
    assert Item.objects.get(record=leads[1].pk).outcome == "converted"
    last = browser.get(queue.next).context["queue"]
    assert (last.position, last.next) == (2, url)
    assert browser.get(f"/leads/{leads[2].pk}/convert/?queue=x").context["queue"] is None
    convert(leads[2].pk, Order(parts={"contact": Part()}), by=sara)
    assert browser.get(url).context["page"].queue == ""
