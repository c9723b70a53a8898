"""Pages of a sorted list: walked forward and backward they give each row exactly once, in order, the empty ones last."""

import datetime as dt
from decimal import Decimal
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.fields import dictionary, registry
from crm.fields.models import CustomField
from crm.lists.paging import page
from crm.lists.selection import Selection
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
VALUES = {
    "cf_integer": st.integers(-3, 3),
    "cf_currency": st.decimals(-(10**19), 10**19, places=5) | st.integers(0, 3).map(Decimal),
    "cf_date": st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 4)),
    "cf_datetime": st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2), timezones=st.just(dt.UTC)),
    "cf_checkbox": st.booleans(),
    "cf_text": st.sampled_from(["آب", "پل", "چای", "apple", "Apple", "x\\'%\"", "۱۲"]),
    "annual_revenue": st.decimals(-(10**19), 10**19, places=5) | st.integers(0, 3).map(Decimal),
    "city": st.sampled_from(["تهران", "Shiraz", "شیراز"]),
    "lead_status": st.sampled_from(["Hot", "Cold"]),
    "email_opt_out": st.booleans(),
    "employees": st.integers(0, 3),
    "name": st.just(None),
    "assigned_to": st.just(None),
}


class Address(dict):
    """A query string's parameters."""

    def getlist(self, key):
        return [self[key]]


@pytest.fixture
def leads(sara):
    for kind in ("integer", "currency", "date", "datetime", "checkbox", "text"):
        CustomField.objects.create(
            module="lead", key=f"cf_{kind}", kind=kind, label_en=kind, label_fa=kind, digits=25, places=5
        )
    dictionary.forget()
    return [LeadFactory(assigned_to=sara) for _ in range(9)]


def give(lead, key, value):
    """Put the value into the row, or take it away."""
    field = registry.module("lead").fields.get(key)
    if field is None or key == "assigned_to":
        return
    if not field.custom and value is None:
        value = False if key == "email_opt_out" else None if key in ("annual_revenue", "employees") else ""
    field.set(lead, value)
    Lead.objects.filter(pk=lead.pk).update(**({"custom": lead.custom} if field.custom else {key: value}))


def walk(records, sort, size, step):
    """All rows from one end to the other, page by page."""
    found, cursor, shown = [], "", page(records, sort, size=size)
    while True:
        found.append([row.pk for row in shown.rows])
        cursor = getattr(shown, step)
        if not cursor:
            return found, shown
        shown = page(records, sort, size=size, **{"after" if step == "next" else "before": cursor})


@pytest.mark.parametrize("key", VALUES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_walking_gives_each_row_once_and_in_order(key, leads, sara, data):
    given_values = data.draw(st.lists(st.none() | VALUES[key], min_size=len(leads), max_size=len(leads)))
    for lead, value in zip(leads, given_values, strict=True):
        give(lead, key, value)
    sign, size = data.draw(st.sampled_from(["", "-"])), data.draw(st.integers(1, 4))
    chosen = Selection(sara, registry.module("lead"), Address(sort=sign + key))
    assert chosen.sort.parameter == sign + key
    whole = list(chosen.sort.apply(chosen.found).values_list("pk", flat=True))
    forward, last = walk(chosen.found, chosen.sort, size, "next")
    assert list(chain.from_iterable(forward)) == whole
    assert sorted(whole) == sorted(lead.pk for lead in leads)
    back = []
    while last.previous:
        last = page(chosen.found, chosen.sort, size=size, before=last.previous)
        back = [row.pk for row in last.rows] + back
    assert back == whole[: len(back)] == list(chain.from_iterable(forward[:-1]))
    is_empty = [lead for lead, value in zip(leads, given_values, strict=True) if value is None]
    if key not in ("name", "assigned_to", "email_opt_out"):
        assert set(whole[len(whole) - len(is_empty) :]) == {lead.pk for lead in is_empty}


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJ0IiwieCIsMV0", "%00", "\0", "a:b:c", "ی"])
def test_cursor_of_somebody_else_begins_at_the_beginning(cursor, leads, sara):
    chosen = Selection(sara, registry.module("lead"), Address())
    assert [row.pk for row in page(chosen.found, chosen.sort, size=3, after=cursor).rows] == [
        lead.pk for lead in reversed(leads[-3:])
    ]
