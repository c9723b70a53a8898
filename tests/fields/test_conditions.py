"""Conditions: every operator of every kind keeps what it says, and nothing else reaches the database."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crm.fields import conditions, dictionary, registry
from crm.fields.conditions import condition, read, span, write, written
from crm.fields.models import PicklistOption
from crm.kit import preferences
from crm.records.models import Contact
from leads.models import Lead
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory
from tests.fields.test_values import custom

TODAY = dt.date(2026, 11, 24)  # a Tuesday; 1405/09/03
ROWS = {
    "text": {"a": "Kavir 50%", "b": "كريمی", "c": None},
    "integer": {"a": 5, "b": 0, "c": None},
    "date": {"a": dt.date(2026, 1, 2), "b": dt.date(2026, 3, 4), "c": None},
    "datetime": {"a": dt.datetime(2026, 1, 1, 20, 30, tzinfo=dt.UTC), "b": dt.datetime(2026, 3, 4, tzinfo=dt.UTC), "c": None},
    "time": {"a": dt.time(9), "b": dt.time(14, 30), "c": None},
    "checkbox": {"a": True, "b": False, "c": None},
    "picklist": {"a": "Hot", "b": "Cold", "c": None},
    "multipicklist": {"a": ["Hot", "Cold"], "b": ["Cold"], "c": None},
}  # fmt: skip
CASES = [
    ("text", "contains", ["50%"], "a"), ("text", "contains", ["%"], "a"), ("text", "contains", ["_"], ""), ("text", "contains", ["kavir"], "a"),
    ("text", "lacks", ["Kavir"], "bc"), ("text", "is", ["کریمی"], ""), ("text", "is", ["كريمی"], "b"), ("text", "not", ["x"], "abc"),
    ("text", "starts", ["كر"], "b"), ("text", "starts", ["کر"], "b"), ("text", "contains", ["۵۰"], "a"), ("text", "empty", [], "c"),
    ("text", "filled", [], "ab"), ("integer", "is", ["۵"], "a"), ("integer", "not", ["5"], "bc"), ("integer", "gt", ["0"], "a"),
    ("integer", "gte", ["0"], "ab"), ("integer", "lt", ["5"], "b"), ("integer", "lte", ["5"], "ab"), ("integer", "between", ["6", "1"], "a"),
    ("integer", "empty", [], "c"), ("integer", "filled", [], "ab"), ("date", "is", ["1404/10/12"], "a"), ("date", "is", ["۱۴۰۴/۱۰/۱۲"], "a"),
    ("date", "not", ["2026-01-02"], "bc"), ("date", "before", ["2026-03-04"], "a"), ("date", "after", ["2026-01-02"], "b"),
    ("date", "between", ["2026-03-04", "2026-01-02"], "ab"), ("date", "empty", [], "c"), ("datetime", "is", ["2026-01-02"], "a"),
    ("datetime", "after", ["2026-01-02"], "b"), ("datetime", "before", ["2026-01-02"], ""), ("datetime", "filled", [], "ab"),
    ("time", "before", ["14:30"], "a"), ("time", "between", ["09:00", "14:30"], "ab"), ("time", "after", ["9:00"], "b"),
    ("checkbox", "yes", [], "a"), ("checkbox", "no", [], "bc"), ("picklist", "any", ["Hot", "Cold"], "ab"), ("picklist", "any", ["داغ"], "a"),
    ("picklist", "none", ["Hot"], "bc"), ("picklist", "empty", [], "c"), ("multipicklist", "any", ["Cold"], "ab"),
    ("multipicklist", "any", ["Hot"], "a"), ("multipicklist", "none", ["Hot"], "bc"), ("multipicklist", "empty", [], "c"),
]  # fmt: skip


@pytest.fixture
def rows(sara):
    """A custom field of a kind, and leads a, b and c with its values."""

    def make(kind):
        field = custom(kind)
        if field.kind.chooses:
            for value, label in (("Hot", "داغ"), ("Cold", "سرد")):
                add_option(field, value, label)
            dictionary.forget()
        for name, value in ROWS[kind].items():
            lead = LeadFactory(assigned_to=sara, last_name=name)
            field.set(lead, value)
            Lead.objects.filter(pk=lead.pk).update(custom=lead.custom)
        return registry.module("lead").fields[field.key]

    return make


def add_option(field, value, label):
    PicklistOption.objects.create(list_key=field.list_key, value=value, label_en=value, label_fa=label)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ROWS)
def test_every_operator_keeps_what_it_says(kind, rows, sara):
    field = rows(kind)
    for case_kind, operator, typed, expected in CASES:
        if case_kind == kind:
            asked = condition(field, operator, typed)
            again = read(write(field.key, operator, asked.typed()), registry.module("lead"))
            assert again == asked
            found = Lead.objects.filter(asked.q(sara.pk)).order_by("last_name").values_list("last_name", flat=True)
            assert "".join(found) == expected, (operator, typed)


@pytest.mark.django_db
@pytest.mark.parametrize("key", [field.key for field in registry.module("lead").standard])
def test_standard_fields_can_be_asked_everything(key, sara):
    field = registry.module("lead").fields[key]
    LeadFactory(assigned_to=sara)
    samples = {
        "integer": "5",
        "currency": "5",
        "date": "2026-01-02",
        "datetime": "2026-01-02",
        "user": "me",
        "picklist": None,
    }
    for operator in conditions.operators(field):
        sample = samples.get(field.kind.key, "x") or next(iter(dictionary.labels(field.list_key)))
        asked = condition(field, operator.key, [sample] * abs(operator.takes))
        opposite = {"empty": "filled", "is": "not", "any": "none", "contains": "lacks", "yes": "no"}.get(operator.key)
        count = Lead.objects.filter(asked.q(sara.pk)).count()
        if opposite in {one.key for one in conditions.operators(field)}:
            other = condition(field, opposite, [sample] * abs(operator.takes))
            assert count + Lead.objects.filter(other.q(sara.pk)).count() == 1


@pytest.mark.parametrize(
    ("period", "calendar", "first", "last"),
    [
        ("this_month", "jalali", "2026-11-22", "2026-12-21"), ("this_month", "gregorian", "2026-11-01", "2026-11-30"),
        ("last_month", "jalali", "2026-10-23", "2026-11-21"), ("this_week", "jalali", "2026-11-21", "2026-11-27"),
        ("this_week", "gregorian", "2026-11-23", "2026-11-29"), ("last_week", "jalali", "2026-11-14", "2026-11-20"),
        ("yesterday", "jalali", "2026-11-23", "2026-11-23"), ("last_30", "gregorian", "2026-10-25", "2026-11-24"),
        ("next_7", "gregorian", "2026-11-24", "2026-12-01"),
    ],
)  # fmt: skip
def test_periods_follow_the_readers_calendar(period, calendar, first, last):
    with preferences.use(calendar=calendar):
        assert [day.isoformat() for day in span(period, TODAY)] == [first, last]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "", ":", "password:is:x", "assigned_to__password:is:x", "cf_x' OR 1=1 --:is:1", "city:regex:(a+)+$", "city:is:", "city:is:a\0b",
        "city:is:" + "x" * 501, "employees:is:many", "employees:between:1", "created_at:is:1404/13/01", "lead_status:any:Alchemy",
        "assigned_to:any:1 OR 1=1", "email_opt_out:is:1", "created_at:last_999:", "employees:is:99999999999999999999", "lead_status:is:Hot",
        "annual_revenue:is:1e400", "annual_revenue:is:NaN", "city:is:\ud800",
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_reason(text):
    with pytest.raises(ValidationError):
        read(text, registry.module("lead"))


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["9999-12-31", "1700-01-01", "0001/01/01"])
@pytest.mark.parametrize("operator", ["is", "before", "after", "not"])
def test_first_and_last_days_upset_nothing(day, operator, sara):
    LeadFactory(assigned_to=sara)
    for key in ("created_at", "modified_at"):
        Lead.objects.filter(condition(registry.module("lead").fields[key], operator, [day]).q(sara.pk)).count()


@given(st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_what_is_written_into_an_address_is_read_back(typed):
    assert written(write("city", "is", typed)) == ("city", "is", typed)


def test_week_begins_today_at_the_latest(noon):
    assert span("this_week")[0] <= timezone.localdate() <= span("this_week")[1]


@pytest.mark.parametrize(
    ("text", "found"), [("كوير", 1), ("ahmadi کویر", 0), ("steel کویر", 1), ("8877", 0), ("x@", 0)]
)
def test_a_link_is_found_by_the_name_it_shows_and_by_nothing_else_of_the_other_record(text, found, sara, omid):
    others = OrganizationFactory(name="کویر Steel", phone="021 8877", email="x@kavir.ir", assigned_to=omid)
    contact = ContactFactory(assigned_to=sara)
    Contact.objects.filter(pk=contact.pk).update(organization=others)
    asked = condition(registry.module("contact").fields["organization"], "contains", [text])
    assert Contact.objects.visible_to(sara).filter(asked.q(sara.pk)).count() == found
