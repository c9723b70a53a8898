"""Lists: what they show, how they page, and that no address makes them do what they should not."""

import base64
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.fields.models import PicklistOption
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
FACTORIES = {
    "leads": LeadFactory,
    "organizations": OrganizationFactory,
    "contacts": ContactFactory,
    "opportunities": OpportunityFactory,
}


def titles(response):
    return [row.record.title for row in response.context["listing"].rows()]


@pytest.mark.parametrize("slug", FACTORIES)
@pytest.mark.parametrize("count", [1, 3, 100])
def test_list_takes_the_same_few_statements_for_any_number_of_rows(slug, count, sara, as_user):
    for _ in range(count):
        FACTORIES[slug](assigned_to=sara)
    browser = as_user(sara)
    browser.get(f"/{slug}/?size=100")
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(f"/{slug}/?size=100")
    assert len(response.context["listing"].page.rows) == count
    assert len(queries) == (10 if slug == "opportunities" else 11)


def test_pages_follow_each_other_and_lead_back(sara, as_user):
    for number in range(60):
        LeadFactory(assigned_to=sara, last_name=f"N{number:02}")
    browser = as_user(sara)
    first = browser.get("/leads/?sort=name")
    listing = first.context["listing"]
    second = browser.get(f"/leads/?sort=name&after={listing.page.next}")
    third = browser.get(f"/leads/?sort=name&after={second.context['listing'].page.next}")
    back = browser.get(f"/leads/?sort=name&before={third.context['listing'].page.previous}")
    names = [row.record.last_name for page in (first, second, third) for row in page.context["listing"].rows()]
    assert names == [f"N{number:02}" for number in range(60)]
    assert third.context["listing"].page.next == ""
    assert titles(back) == titles(second)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("کريم", True), ("كریم", True), ("0912", True), ("۰۹۱۲", True), ("karim@", True), ("رضا", False)],
)
def test_search_finds_however_it_is_written(text, is_found, sara, as_user):
    LeadFactory(assigned_to=sara, last_name="کریمی", mobile="+98 912 345 6789", email="karim@example.com")
    assert bool(titles(as_user(sara).get("/leads/", {"q": text}))) is is_found


def test_filter_by_status_and_owner(sara, manager, as_user):
    LeadFactory(assigned_to=sara, lead_status="Hot", last_name="A")
    LeadFactory(assigned_to=manager, lead_status="Cold", last_name="B")
    browser = as_user(manager)
    assert len(titles(browser.get("/leads/?status=Hot"))) == 1
    assert len(titles(browser.get("/leads/?status=Hot&status=Cold"))) == 2
    assert len(titles(browser.get(f"/leads/?owner={sara.pk}"))) == 1
    assert len(titles(browser.get("/leads/?view=mine"))) == 1


def test_persian_names_stand_in_alphabetical_order(sara, as_user):
    for name in ("گلی", "پارسا", "کریمی", "آذر", "چمنی", "Zed"):
        LeadFactory(assigned_to=sara, first_name="", last_name=name)
    assert titles(as_user(sara).get("/leads/?sort=name")) == ["Zed", "آذر", "پارسا", "چمنی", "کریمی", "گلی"]


def test_team_sees_and_others_do_not(sara, omid, reader, as_user):
    LeadFactory(assigned_to=sara)
    assert [len(titles(as_user(user).get("/leads/"))) for user in (sara, omid, reader)] == [1, 0, 1]


@pytest.mark.parametrize(
    "query",
    [
        "sort=custom__a' desc --", "sort=?", "sort=owner__password", "sort=-id;drop table", "status=%00", "owner=1e9", "owner=99999999999999999999",
        "after=nonsense", "before=W10", "after=WyJ0IiwieCIsMV0", "size=-1", "size=1000000", "q=%00", "q=%25%25", "q=\\", "view=nothing",
        "lead_status__regex=(a+)+$", "_connector=OR 1=1", "q=" + "x" * 3000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("slug", ["leads", "opportunities"])
def test_no_address_upsets_a_list(slug, query, sara, as_user):
    FACTORIES[slug](assigned_to=sara)
    assert as_user(sara).get(f"/{slug}/?{query}").status_code == 200


@pytest.mark.parametrize(
    "cursor", ['["","zzz",1]', '["t","0001-01-01T00:00:00+14:00",1]', '["n","1",1]', '["","a\\u0000b",1]']
)
@pytest.mark.parametrize("sort", ["-created_at", "name"])
def test_cursor_that_is_none_of_ours_begins_at_the_beginning(sort, cursor, sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    forged = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    for query in ({"after": forged}, {"before": forged}):
        assert titles(as_user(sara).get("/leads/", {"sort": sort, **query})) == [lead.title]


def test_cursor_of_another_order_begins_at_the_beginning(sara, as_user):
    LeadFactory.create_batch(26, assigned_to=sara)
    browser = as_user(sara)
    by_name = browser.get("/leads/?sort=name").context["listing"].page.next
    answer = browser.get("/leads/", {"after": by_name})
    assert titles(answer) == titles(browser.get("/leads/"))


def test_empty_list_says_what_to_do(sara, as_user):
    browser = as_user(sara)
    assert "No leads yet." in browser.get("/leads/").content.decode()
    LeadFactory(assigned_to=sara)
    assert "No record matches these filters." in browser.get("/leads/?q=nobody").content.decode()


def test_global_search_groups_and_jumps_to_numbers(sara, omid, as_user):
    lead = LeadFactory(assigned_to=sara, last_name="یگانه")
    OrganizationFactory(assigned_to=sara, name="یگانه و پسران")
    browser = as_user(sara)
    groups = browser.get("/search/?q=يگانه").context["groups"]
    assert [group["module"].key for group in groups] == ["lead", "organization"]
    assert browser.get(f"/search/?q=lea{lead.pk}").url == f"/leads/{lead.pk}/"
    assert as_user(omid).get(f"/search/?q=LEA{lead.pk}").context["groups"] == []


def test_foot_says_which_rows_are_shown_as_far_as_it_is_known(sara, as_user):
    LeadFactory.create_batch(30, assigned_to=sara)
    browser = as_user(sara)
    first = browser.get("/leads/")
    second = browser.get(f"/leads/{first.context['listing'].next}")
    back = browser.get(f"/leads/{second.context['listing'].previous}")
    unknown = browser.get(f"/leads/?after={first.context['listing'].page.next}")
    shown = [page.context["summary"] for page in (first, second, back, unknown)]
    assert shown == ["1–25 of 30", "26–30 of 30", "1–25 of 30", "30 records"]


def test_status_has_the_colour_that_was_given_to_it(sara, as_user):
    PicklistOption.objects.filter(list_key="lead_status", value="Cold").update(colour="opp")
    lead = LeadFactory(assigned_to=sara, lead_status="Cold")
    browser = as_user(sara)
    for address in ("/leads/", lead.get_absolute_url()):
        assert re.search(r'class="chip opp"[^>]*>(<bdi>)?Cold', browser.get(address).content.decode())
