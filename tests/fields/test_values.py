"""Filtering and sorting by custom values inside the database."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, models

from crm.fields import dictionary, registry, values
from crm.fields.models import CustomField
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
UTC = dt.UTC
KINDS = {
    "text": ["آبی", "پنبه", "Zebra", "apple"],
    "picklist": ["A", "B"],
    "integer": [0, 5, 40, -3],
    "currency": [Decimal("0"), Decimal("9.5"), Decimal("10"), Decimal("12345678901234567890.12345")],
    "date": [dt.date(2026, 1, 2), dt.date(2025, 12, 31)],
    "datetime": [dt.datetime(2026, 1, 2, 1, tzinfo=UTC), dt.datetime(2026, 1, 2, 2, tzinfo=dt.timezone(dt.timedelta(hours=3)))],
    "time": [dt.time(9, 5), dt.time(14, 30)],
    "checkbox": [True, False],
}  # fmt: skip


def custom(kind, key="cf_x", **more):
    """A custom field on leads, without its options."""
    CustomField.objects.create(
        module="lead", key=key, kind=kind, label_en=key, label_fa=key, digits=25, places=5, **more
    )
    dictionary.forget()
    return registry.module("lead").fields[key]


def lead(owner, field, value):
    made = LeadFactory(assigned_to=owner)
    field.set(made, value)
    Lead.objects.filter(pk=made.pk).update(custom=made.custom)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_compares_and_sorts_as_its_values_do(kind, sara):
    field = custom(kind)
    leads = {value: lead(sara, field, value).pk for value in KINDS[kind]}
    nothing = LeadFactory(assigned_to=sara).pk
    for value, pk in leads.items():
        assert set(Lead.objects.filter(values.compare(field, "exact", value)).values_list("pk", flat=True)) == {pk}
        if kind not in ("checkbox", "text"):
            after = {other for known, other in leads.items() if known > value}
            assert set(Lead.objects.filter(values.compare(field, "gt", value)).values_list("pk", flat=True)) == after
    assert list(Lead.objects.filter(values.empty(field)).values_list("pk", flat=True)) == [nothing]
    ordered = Lead.objects.exclude(pk=nothing).order_by(values.order(field)).values_list("pk", flat=True)
    expected = ["apple", "Zebra", "آبی", "پنبه"] if kind == "text" else sorted(leads)
    assert list(ordered) == [leads[value] for value in expected]


def test_multi_select_holds_an_option_or_nothing(sara):
    field = custom("multipicklist")
    both, one = lead(sara, field, ["A", "B"]), lead(sara, field, ["A"])
    nothing = LeadFactory(assigned_to=sara)
    assert set(Lead.objects.filter(values.holds(field, "A"))) == {both, one}
    assert set(Lead.objects.filter(values.holds(field, "B"))) == {both}
    assert set(Lead.objects.filter(~values.holds(field, "B"))) == {one, nothing}
    assert set(Lead.objects.filter(values.empty(field))) == {nothing}


@pytest.mark.parametrize("value", ["text", True, [1], {"a": 1}, None, "-", "1e5", "1 OR 1=1"])
def test_value_of_another_kind_upsets_nothing(value, sara):
    """As after a change behind our back."""
    made = LeadFactory(assigned_to=sara)
    Lead.objects.filter(pk=made.pk).update(custom={"cf_x": value})
    for kind in [*KINDS, "multipicklist"]:
        CustomField.objects.all().delete()
        field = custom(kind)
        assert Lead.objects.filter(values.compare(field, "isnull", False)).count() <= 1
        assert Lead.objects.order_by(values.order(field) or "pk").count() == 1


def test_key_is_checked_before_it_is_written_into_sql():
    for key in ("cf_a' OR 1=1 --", "cf_", "cf_A", "x", "cf_a.b", "cf_a\n", 'cf_a"', "cf_%s"):
        with pytest.raises(ValueError, match="not the key"):
            values.CustomValue(key)


@pytest.mark.parametrize("kind", ["text", "currency", "date", "checkbox", "picklist"])
def test_index_on_the_same_expression_is_used(kind, sara):
    field = custom(kind)
    editor = connection.SchemaEditorClass(connection)
    with connection.cursor() as cursor:
        for number, expression in enumerate(values.indexed(field)):
            index = models.Index(expression, models.F("id"), name=f"hot_{number}")
            cursor.execute(str(index.create_sql(Lead, editor)))
    records = Lead.everything.filter(values.compare(field, "exact", KINDS[kind][0])).order_by("pk")
    sort = values.order(field)
    ordered = Lead.everything.filter(values.compare(field, "isnull", False)).order_by(sort, "pk")[:10]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
            )
    for found in (records, ordered):
        assert "hot_" in found.explain(), (found.query, found.explain())
