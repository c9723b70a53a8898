"""Lists as people arrange them: conditions, columns, saved views."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.fields import registry
from crm.fields.services import create_field
from crm.lists.models import SavedView
from leads.models import Lead
from tests.factories import LeadFactory
from tests.pages.test_lists import FACTORIES, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def budgets(sara, admin):
    create_field("lead", label_en="Budget", label_fa="بودجه", kind="currency", by=admin)
    for name, budget in {"A": 9, "B": 10, "C": None}.items():
        lead = LeadFactory(assigned_to=sara, first_name="", last_name=name, city="Tehran")
        registry.module("lead").fields["cf_budget"].set(lead, budget)
        Lead.objects.filter(pk=lead.pk).update(custom=lead.custom)


def test_conditions_join_by_all_or_by_any(budgets, sara, as_user):
    browser = as_user(sara)
    both = {"f": ["cf_budget:gte:10", "last_name:is:A"], "sort": "name"}
    assert titles(browser.get("/leads/", both)) == []
    assert titles(browser.get("/leads/", {**both, "match": "any"})) == ["A", "B"]
    assert titles(browser.get("/leads/?sort=-cf_budget")) == ["B", "A", "C"]


def test_builder_leads_to_the_address_with_the_condition(budgets, sara, as_user):
    browser = as_user(sara)
    form = browser.get("/leads/?view=mine&add=cf_budget&f=city:is:Tehran")
    assert [one.key for one in form.context["listing"].builder.operators()][:2] == ["is", "not"]
    made = browser.get("/leads/?view=mine&f=city:is:Tehran&add=cf_budget&op=gte&v=۱۰&apply=1")
    assert made.url == "/leads/?view=mine&f=city%3Ais%3ATehran&f=cf_budget%3Agte%3A10"
    page = browser.get(made.url)
    assert [(chip.label, chip.value) for chip in page.context["listing"].chips()] == [
        ("City", "equals Tehran"), ("Budget", "is at least 10"),
    ]  # fmt: skip
    assert titles(page) == ["B"]
    assert titles(browser.get("/leads/" + page.context["listing"].chips()[1].remove)) == ["C", "B", "A"]


def test_nonsense_stays_in_the_form_and_filters_nothing(budgets, sara, as_user):
    browser = as_user(sara)
    page = browser.get("/leads/?add=cf_budget&op=gte&v=<b>many&apply=1")
    text = page.content.decode()
    assert "Enter a number" in text
    assert 'value="&lt;b&gt;many"' in text
    assert len(titles(page)) == 3
    page = browser.get("/leads/?f=cf_budget:gte:many")
    assert "The list is not filtered by it." in page.content.decode()
    assert len(titles(page)) == 3


@pytest.mark.parametrize("slug", FACTORIES)
def test_every_field_can_be_a_column_and_sort(slug, sara, as_user):
    FACTORIES[slug](assigned_to=sara)
    browser = as_user(sara)
    module = next(one for one in registry.modules() if one.slug == slug)
    page = browser.get(f"/{slug}/?" + "&".join(f"col={key}" for key in module.fields))
    assert [column.key for column in page.context["listing"].headings()][1:] == list(module.fields)[:40]
    for key in module.fields:
        for sign in ("", "-"):
            assert len(titles(browser.get(f"/{slug}/?sort={sign}{key}"))) == 1


def test_chosen_columns_stay_for_their_user_alone(budgets, sara, manager, as_user):
    browser = as_user(sara)
    moved = browser.post("/leads/columns/", {"col": ["city", "cf_budget"], "move": "up:cf_budget"})
    assert [field.key for field in moved.context["chosen"]] == ["cf_budget", "city"]
    browser.post("/leads/columns/", {"col": ["cf_budget", "nothing", "city"]})
    keys = lambda who: [one.key for one in as_user(who).get("/leads/").context["listing"].columns]  # noqa: E731
    assert keys(sara) == ["cf_budget", "city"]
    assert keys(manager) == list(registry.module("lead").columns[1:])
    browser.post("/leads/columns/", {"usual": "1"})
    assert keys(sara) == list(registry.module("lead").columns[1:])


def test_view_keeps_filters_columns_and_order(budgets, sara, manager, omid, as_user):
    browser = as_user(sara)
    state = "?view=mine&f=cf_budget:gte:5&col=cf_budget&sort=-cf_budget"
    made = browser.post(f"/leads/views/new/{state}", {"name": "Large"})
    view = SavedView.objects.get(name="Large")
    assert (made.url, view.state) == (
        f"/leads/?view=v{view.pk}",
        {"tab": ["mine"], "f": ["cf_budget:gte:5"], "col": ["cf_budget"], "sort": ["-cf_budget"]},
    )
    page = browser.get(made.url)
    listing = page.context["listing"]
    assert (titles(page), [one.key for one in listing.columns], listing.is_changed) == (
        ["B", "A"],
        ["cf_budget"],
        False,
    )
    changed = browser.get(f"{made.url}&x=1&f=cf_budget:gte:10")
    assert (titles(changed), changed.context["listing"].is_changed) == (["B"], True)
    for word in ("Reset", "Save as"):
        assert word in changed.content.decode()
    browser.post(f"/leads/views/{view.pk}/{changed.context['listing'].address()}", {"state": "1"})
    assert titles(browser.get(made.url)) == ["B"]
    assert titles(browser.get(f"{made.url}&x=1")) == ["B", "A", "C"]
    assert as_user(manager).get(made.url).context["listing"].view is None
    assert as_user(omid).post(f"/leads/views/{view.pk}/", {"name": "Mine now"}).status_code == 404


def test_managers_share_views_and_others_see_their_own_records_in_them(budgets, sara, omid, manager, as_user):
    as_user(manager).post("/leads/views/new/?view=all&f=cf_budget:filled:", {"name": "With budget", "shared": "on"})
    view = SavedView.objects.get(name="With budget")
    assert view.is_shared
    assert len(titles(as_user(sara).get(f"/leads/?view=v{view.pk}"))) == 2
    assert titles(as_user(omid).get(f"/leads/?view=v{view.pk}")) == []
    assert as_user(sara).post(f"/leads/views/{view.pk}/", {"state": "1"}).status_code == 404
    assert as_user(sara).post("/leads/views/new/", {"name": "x", "shared": "on"}).status_code == 403


@pytest.mark.parametrize("name", ["", "  ", "\u200c", "x" * 61, "a\0b", "Taken"])
def test_bad_name_is_refused_and_kept(name, sara, as_user):
    SavedView.objects.create(module="lead", owner=sara, name="Taken")
    answer = as_user(sara).post("/leads/views/new/", {"name": name})
    assert (answer.status_code, SavedView.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    "state", [[], {"f": "x"}, {"f": [1, None, {}]}, {"tab": ["nothing"], "sort": ["?"], "col": ["x"]}]
)
def test_view_that_was_spoilt_upsets_nothing(state, sara, as_user):
    view = SavedView.objects.create(module="lead", owner=sara, name="Odd", state=state)
    assert as_user(sara).get(f"/leads/?view={view.key}").status_code == 200


@pytest.mark.parametrize("slug", FACTORIES)
@pytest.mark.parametrize("count", [1, 100])
def test_statements_stay_few_with_custom_columns_filters_and_views(slug, count, sara, admin, as_user):
    module = next(one for one in registry.modules() if one.slug == slug)
    create_field(module.key, label_en="Budget", kind="currency", by=admin)
    for number in range(count):
        record = FACTORIES[slug](assigned_to=sara)
        if number % 2:
            module.fields["cf_budget"].set(record, number)
            type(record).objects.filter(pk=record.pk).update(custom=record.custom)
    links = [field.key for field in module.fields.values() if field.to]
    state = {"col": ["cf_budget", *links], "sort": ["cf_budget"], "f": ["cf_budget:not:7", "assigned_to:any:me"]}
    view = SavedView.objects.create(module=module.key, owner=sara, name="Hot", state=state)
    for number in range(3):
        SavedView.objects.create(module=module.key, owner=sara, name=f"Other {number}")
    browser = as_user(sara)
    address = f"/{slug}/?view={view.key}&size=100"
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(address)
    assert len(titles(page)) == count - (count > 7)
    assert len(queries) <= 12


def test_labels_and_values_are_escaped(sara, admin, as_user):
    create_field("lead", label_en="<img src=x onerror=alert(1)>", kind="text", by=admin)
    field = next(one for one in registry.module("lead").fields.values() if one.custom)
    lead = LeadFactory(assigned_to=sara)
    field.set(lead, "<script>alert(1)</script>")
    Lead.objects.filter(pk=lead.pk).update(custom=lead.custom)
    for path in (f"?col={field.key}&f={field.key}:contains:<script>", f"?add={field.key}", "columns/"):
        text = as_user(sara).get(f"/leads/{path}").content.decode()
        assert not re.search(r"<img src=x|<script>alert", text)
