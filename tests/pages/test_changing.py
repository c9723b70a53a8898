"""Changing many records at once: what is chosen, looked at, done and undone, with the rules of the single edit."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.fields import registry
from crm.fields.models import PicklistOption
from crm.fields.services import bring_back_field, create_field, retire_field
from crm.jobs.models import Job
from crm.jobs.worker import work_off
from crm.kit.inserting import insert
from crm.lists.models import SavedView
from crm.matching.models import Key
from crm.pages import records, statuses
from crm.related import filing
from crm.related.changing import job as jobs
from crm.related.changing.many import Wanted, change_many
from crm.related.models import Change
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory
from tests.pages.test_lists import FACTORIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sara, as_user):
    return as_user(sara)


def begin(browser, slug="leads", **sent):
    """Press a button of the bar; gives the address of the page that follows."""
    return browser.post(f"/{slug}/change/", sent).url.partition("?")[0]


def check(browser, url, field, value):
    return browser.post(f"{url}?field={field}", {field: value, "action": "check"})


def press(browser, url):
    job = Job.objects.get(pk=url.strip("/").split("/")[-1])
    return browser.post(url, {"action": "start", "times": job.options.get("times", "")})


def counts(browser, url):
    page = browser.get(url).context["page"]
    return {str(group.key): group.count for group in page.groups()}, page.reasons()


@pytest.fixture
def four(sara, omid):
    """A lead to change, one that holds the value already, a converted one, and one that sara may not see."""
    converted = LeadFactory(assigned_to=sara)
    convert(converted.pk, Order(parts={"contact": Part()}), by=sara)
    return LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara, city="شیراز"), converted, LeadFactory(assigned_to=omid)  # fmt: skip


def test_before_anything_changes_it_is_said_what_will_and_what_cannot(browser, four):
    url = begin(browser, lead=[lead.pk for lead in four])
    check(browser, url, "city", "شیراز")
    expected = (
        {"changed": 1, "cannot": 2, "same": 1},
        [
            ("It is not there any more, or you may not see it.", 1),
            ("It was converted. A converted lead is locked.", 1),
        ],
    )
    assert counts(browser, url) == expected
    assert not Change.objects.exists()
    press(browser, url)
    assert counts(browser, url) == expected
    assert list(Lead.rows.order_by("pk").values_list("city", flat=True)) == ["تهران", "شیراز", "شیراز", "تهران"]
    assert Change.objects.get().changes == {"city": ["تهران", "شیراز"]}


def test_what_it_writes_is_what_the_single_edit_writes(sara):
    one, other = LeadFactory.create_batch(2, assigned_to=sara, last_name="Rad")
    filing.edit(one, {"email": "new@example.com"}, by=sara)
    field = registry.module("lead").fields["email"]
    change_many(registry.module("lead"), Wanted(field=field, values={other.pk: "new@example.com"}), by=sara)

    def written(lead):
        lead = Lead.objects.get(pk=lead.pk)
        keys = set(Key.objects.filter(lead=lead).values_list("kind", "value"))
        changes = Change.objects.get(dossier__lead=lead)
        return (
            lead.email,
            lead.search_text,
            lead.sort_name,
            lead.modified_by_id,
            keys,
            list(changes.changes),
            changes.changes["email"][1],
        )

    assert written(one) == written(other)


@pytest.mark.parametrize("slug", FACTORIES)
def test_every_field_of_every_module_can_be_given(slug, browser, sara, admin):
    module = next(one for one in registry.modules() if one.slug == slug)
    for kind in ("text", "currency", "date", "checkbox", "multipicklist"):
        options = {"options": ["A", "B"]} if kind == "multipicklist" else {}
        create_field(module.key, label_en=f"My {kind}", kind=kind, by=admin, **options)
    organization = OrganizationFactory(assigned_to=sara)
    contact = ContactFactory(assigned_to=sara)
    samples = {
        "text": "Shiraz", "textarea": "A\nB", "email": "a@example.com", "phone": "+98 21 8877 0000", "url": "https://example.com", "currency": "12.5",
        "integer": "7", "percent": "20", "date": "1405/01/15", "checkbox": "on", "user": str(admin.pk), "multipicklist": ["A", "B"], "decimal": "1.5",
    }  # fmt: skip
    records = [FACTORIES[slug](assigned_to=sara) for _ in range(2)]
    failed = []
    for key, field in module.fields.items():
        if field.read_only or key == "assigned_to":
            continue
        value = samples.get(field.kind.key)
        if field.kind.key == "picklist":
            value = PicklistOption.objects.filter(list_key=field.list_key).last().value
        if field.to:
            value = {"organization": organization.number, "contact": contact.number}.get(field.to, "")
        url = begin(browser, slug, **{module.key: [one.pk for one in records]})
        answer = check(browser, url, key, value)
        press(browser, url)
        fresh = module.model.objects.get(pk=records[0].pk)
        if answer.status_code != 302 or (value and field.get(fresh) in (None, "", [])):
            failed.append(key)
    assert failed == []


def test_value_that_the_field_does_not_take_is_said_in_the_page(browser, sara, omid):
    url = begin(browser, lead=[LeadFactory(assigned_to=sara).pk])
    theirs = OrganizationFactory(assigned_to=omid)
    for field, value, text in (
        ("employees", "many", "Enter a"),
        ("last_name", "", "Enter a value for Last name."),
        ("assigned_to", "", "This field is required."),
        ("email", "x" * 200, "takes 100 characters"),
    ):
        answer = check(browser, url, field, value)
        assert (answer.status_code, text in answer.content.decode()) == (422, True), field
    assert (
        check(browser, url, "converted_at", "2026-01-01").status_code == 302
    )  # no field of the form: nothing is chosen
    assert Job.objects.get().options == {"module": "lead"}
    contacts = begin(browser, "contacts", contact=[ContactFactory(assigned_to=sara).pk])
    assert "that you may see" in check(browser, contacts, "organization", theirs.number).content.decode()


def test_all_of_a_view_is_assigned_and_given_back(browser, sara, admin, as_user):
    leads = LeadFactory.create_batch(3, assigned_to=sara, lead_status="Cold")
    LeadFactory(assigned_to=sara, lead_status="Hot")
    url = begin(browser, all="1", of="?view=mine&status=Cold", field="assigned_to")
    check(browser, url, "assigned_to", admin.pk)
    press(browser, url)
    press(browser, url)  # pressed twice
    assert Lead.objects.filter(assigned_to=admin).count() == 3
    assert Change.objects.count() == 3
    filing.edit(leads[0], {"assigned_to": sara.pk}, by=admin)
    administrator = as_user(admin)
    undoing = administrator.post(url, {"action": "undo"}).url
    assert administrator.post(url, {"action": "undo"}).url == url  # done once
    assert counts(administrator, undoing) == (
        {"changed": 2, "cannot": 1},
        [("Somebody gave it another value since.", 1)],
    )
    assert Lead.objects.filter(assigned_to=sara).count() == 4
    work_off()
    assert Change.objects.count() == 6


def test_of_two_windows_neither_starts_what_the_other_ordered(browser, sara):
    lead = LeadFactory(assigned_to=sara)
    begin(browser, lead=[lead.pk])
    one, other = Job.objects.get(), Job.objects.get()
    city = registry.module("lead").fields["city"]
    assert all(jobs.order(job, city, text) for job, text in ((one, "Qom"), (other, "Yazd")))
    assert (one.options["times"], other.options["times"]) == (1, 2)
    assert [jobs.start(job, by=sara) for job in (one, other)] == [False, True]
    assert Lead.objects.get().city == "Yazd"


def test_failed_job_that_was_undone_does_not_go_on(browser, sara):
    url = begin(browser, lead=[LeadFactory(assigned_to=sara).pk])
    check(browser, url, "city", "Qom")
    press(browser, url)
    Job.objects.update(state=Job.State.FAILED)
    browser.post(url, {"action": "undo"})
    browser.post(url, {"action": "resume"})
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "finished"]
    assert Lead.objects.get().city == "تهران"


def test_what_was_put_into_a_field_that_is_gone_is_not_given_back(browser, sara, admin):
    field = create_field("lead", label_en="Budget", kind="currency", by=admin)
    url = begin(browser, lead=[LeadFactory(assigned_to=sara).pk])
    check(browser, url, field.key, "5")
    press(browser, url)
    retire_field(field, by=admin)
    assert browser.post(url, {"action": "undo"}).url == url
    assert browser.get(url).status_code == 200
    bring_back_field(field, by=admin)
    assert browser.post(url, {"action": "undo"}).url != url


def test_decimal_of_a_custom_field_is_given_back(browser, sara, admin):
    key = create_field("lead", label_en="Budget", kind="currency", by=admin).key
    lead = LeadFactory(assigned_to=sara, custom={key: 5})
    url = begin(browser, lead=[lead.pk])
    check(browser, url, key, "۱۰٫۵۰")
    press(browser, url)
    assert Lead.objects.get().custom == {key: 10.5}
    browser.post(url, {"action": "undo"})
    assert Lead.objects.get().custom == {key: 5}


@pytest.mark.parametrize(("field", "most"), [("city", 10), ("email", 10), ("assigned_to", 9), ("cf_my_text", 8)])
def test_a_thousand_records_take_the_same_few_statements_as_three(field, most, sara, admin):
    create_field("lead", label_en="My text", kind="text", by=admin)
    leads = [LeadFactory(assigned_to=sara) for _ in range(3)]
    stamps = {"created_at": leads[0].created_at, "modified_at": leads[0].modified_at}
    more = [LeadFactory._meta.model(last_name=f"N{number}", assigned_to=sara, **stamps) for number in range(997)]
    filing.open_dossiers(insert(more))
    module, counted = registry.module("lead"), []
    for some in (leads, [*leads, *more]):
        value = (
            admin.pk
            if field == "assigned_to" and len(some) > 3
            else sara.pk
            if field == "assigned_to"
            else f"{len(some)}@example.com"
        )
        wanted = Wanted(field=module.fields[field], values=dict.fromkeys([lead.pk for lead in some], value))
        with CaptureQueriesContext(connection) as statements:
            outcomes = change_many(module, wanted, by=admin)
        assert {one.result for one in outcomes} <= {"changed", "same"}
        counted.append(len(statements))
    assert max(counted) <= most


@pytest.mark.parametrize("count", [1, 30])
def test_page_costs_the_same_with_one_and_with_many_records(browser, sara, count):
    url = begin(browser, lead=[LeadFactory(assigned_to=sara).pk for _ in range(count)])
    check(browser, url, "assigned_to", sara.pk)
    check(browser, url, "city", "Shiraz")
    with CaptureQueriesContext(connection) as statements:
        browser.get(url)
    assert len(statements) == 10
    press(browser, url)
    with CaptureQueriesContext(connection) as statements:
        browser.get(url)
    assert len(statements) == 11


def test_what_was_shown_is_what_is_started(browser, sara):
    url = begin(browser, lead=[LeadFactory(assigned_to=sara).pk])
    check(browser, url, "city", "Shiraz")
    check(browser, url, "city", "Qom")  # in another window
    browser.post(url, {"action": "start", "times": "1"})
    assert Lead.objects.get().city == "تهران"
    browser.post(url, {"action": "cancel"})
    press(browser, url)
    assert (Lead.objects.get().city, Job.objects.get().state) == ("تهران", "cancelled")


MISREAD = ["owner=1e9", "status=Nothing", "view=v99", "f=city:is", "&".join(f"f=city:contains:{n}" for n in range(21)), "owner=1&owner=2", "q=" + "x" * 201]  # fmt: skip


@pytest.mark.parametrize("query", MISREAD)
def test_nothing_is_done_with_all_of_a_view_that_is_not_understood(query, sara, manager, as_user):
    LeadFactory.create_batch(2, assigned_to=sara)
    browser = as_user(manager)
    page = browser.get(f"/leads/?{query}")
    assert [chip.problem != "" for chip in page.context["listing"].chips()].count(True) == 1
    text = page.content.decode()
    assert ("The list is not filtered by it." in text, 'name="all"' in text) == (True, False)
    of = page.context["listing"].address()
    sent = {"all": "1", "of": of}
    answers = [browser.post(f"/leads/{what}/", sent) for what in ("change", "convert", "export")]
    answers += [browser.get(f"/leads/export/{of}"), browser.get(f"/leads/export/?{query}")]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert all("was not understood" in answer.content.decode() for answer in answers)
    assert not Job.objects.exists()


def test_view_that_would_be_wider_than_it_says_is_not_saved(browser):
    of = "&".join(f"f=city:contains:{n}" for n in range(21))
    assert browser.post(f"/leads/views/new/?{of}", {"name": "Many"}).status_code == 422
    assert not SavedView.objects.exists()


def test_ticked_rows_are_exported_with_the_columns_of_the_list(manager, sara, as_user):
    leads = LeadFactory.create_batch(3, assigned_to=sara, last_name="=1+1")
    sent = {
        "lead": [lead.pk for lead in leads[:2]],
        "of": "?col=city",
        "form": "csv",
        "columns": "shown",
        "header": "keys",
    }
    text = b"".join(as_user(manager).post("/leads/export/", sent).streaming_content).decode("utf-8-sig")
    rows = [line.split(",") for line in text.splitlines()]
    assert rows[0][1:] == ["first_name", "last_name", "city"]
    assert sorted(row[0] for row in rows[1:]) == sorted(lead.number for lead in leads[:2])
    assert {row[2] for row in rows[1:]} == {"'=1+1"}


def test_status_is_changed_in_its_row(browser, sara, omid, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Cold")
    form = browser.get(f"/leads/?view=mine&edit={lead.pk}")
    row = next(form.context["listing"].rows())
    sent = {"of": "?view=mine", "seen": row.status.seen, "lead_status": "Hot"}
    address = f"/leads/{lead.pk}/status/"
    assert browser.post(address, {**sent, "lead_status": "Nothing"}).status_code == 422
    assert browser.post(address, sent).url == f"/leads/?view=mine#row-{lead.pk}"
    refused = browser.post(address, {**sent, "lead_status": "Warm"})
    assert (refused.status_code, Lead.objects.get().lead_status) == (409, "Hot")
    again = next(refused.context["listing"].rows()).status.seen
    browser.post(address, {**sent, "seen": again, "lead_status": "Warm"})
    assert Lead.objects.get().lead_status == "Warm"
    assert as_user(omid).post(address, sent).status_code == 404
    convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert browser.post(address, sent).status_code == 410


def test_record_that_is_deleted_while_its_status_is_changed_is_not_found(browser, sara, manager, monkeypatch):
    lead = LeadFactory(assigned_to=sara)

    def find_and_lose(*asked):
        found = records.find(*asked)
        filing.delete(lead, by=manager)
        return found

    monkeypatch.setattr(statuses, "find", find_and_lose)
    assert browser.post(f"/leads/{lead.pk}/status/", {"lead_status": "Hot"}).status_code == 404
