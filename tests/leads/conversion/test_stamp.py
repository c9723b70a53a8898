"""A draft's stamp: tells which fields changed since the page was drawn, and survives whatever is sent instead."""

import base64
import json
import zlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm.fields import dictionary
from crm.fields.models import CustomField
from leads.conversion import stamp
from leads.conversion.errors import StaleDraft
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from mapping.models import Revision
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def packed(content) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content.encode())).decode().rstrip("=")


def changed(text, lead):
    with pytest.raises(StaleDraft) as refusal:
        stamp.check(text, Lead.objects.get(pk=lead.pk), current())
    return refusal.value


@pytest.mark.parametrize(
    ("field", "value"),
    [("city", "شیراز"), ("city", "تهران "), ("phone", ""), ("employees", 0), ("email_opt_out", True), ("mobile", "1")],
)
def test_a_change_is_named_whatever_way_it_came(sara, field, value):
    lead = LeadFactory(assigned_to=sara)
    drawn = stamp.make(lead, current())
    Lead.objects.filter(pk=lead.pk).update(**{field: value})
    refusal = changed(drawn, lead)
    assert (refusal.fields, refusal.mapping_changed) == ((field,), False)


def test_a_custom_value_is_covered(sara):
    CustomField.objects.create(module="lead", key="cf_x", kind="text", length=9, label_en="X", label_fa="X")
    dictionary.forget()
    lead = LeadFactory(assigned_to=sara, custom={"cf_x": "before"})
    drawn = stamp.make(lead, current())
    Lead.objects.filter(pk=lead.pk).update(custom={"cf_x": "after"})
    assert changed(drawn, lead).fields == ("cf_x",)


def test_a_new_mapping_is_told(sara):
    lead = LeadFactory(assigned_to=sara)
    drawn = stamp.make(lead, current())
    Revision.objects.create(number=2, saved_at=lead.created_at, rows=[])
    refusal = changed(drawn, lead)
    assert (refusal.fields, refusal.mapping_changed) == ((), True)


def test_nothing_changed_and_the_stamp_is_good_for_days(sara):
    lead = LeadFactory(assigned_to=sara)
    drawn = stamp.make(lead, current())
    Lead.objects.filter(pk=lead.pk).update(modified_at="2020-01-01T00:00:00Z")
    assert convert(lead.pk, Order(parts={"contact": Part()}, stamp=drawn), by=sara)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=40) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(packed))
@example(packed("[" * 60_000))
@example(packed('[Infinity, {"city": 1}]'))
@example(packed('[1, {"city": {}}]'))
@example(packed(json.dumps("x" * 10_000_000)))
@example("سلام")
def test_a_stamp_that_is_none_of_ours_is_stale_and_no_crash(sara, text):
    assert changed(text, LeadFactory(assigned_to=sara)).mapping_changed in (True, False)
