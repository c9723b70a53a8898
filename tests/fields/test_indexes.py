"""An index for a hot field: made on request, used by filters and sorts, and there again after a table was rebuilt."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from crm.fields import indexes, registry, services, values
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def names():
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "leads_lead")
    return {name for name in constraints if name.startswith("custom_")}


def plan(queryset):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return queryset.explain()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "a"),
        ("integer", 3),
        ("currency", 12),
        ("date", date(2026, 1, 2)),
        ("checkbox", True),
        ("picklist", "A"),
    ],
)
def test_an_index_is_used_and_can_be_dropped(admin, sara, kind, value):
    options = ["A"] if kind == "picklist" else ()
    made = services.create_field("lead", label_en="Hot", kind=kind, options=options, by=admin)
    field = registry.module("lead").fields[made.key]
    LeadFactory(assigned_to=sara, custom={made.key: field.kind.store(value)})
    cost = indexes.index_field(made, by=admin)
    assert (cost.seconds > 0, cost.size >= 0, len(names())) == (True, True, len(values.indexed(field)))
    found = Lead.objects.filter(values.compare(field, "exact", value)).order_by()
    assert found.count() == 1
    assert any(name in plan(found) for name in names())
    indexes.drop_index(made, by=admin)
    assert names() == set()


def test_sorting_uses_the_index_too(admin):
    made = services.create_field("lead", label_en="Hot", kind="text", by=admin)
    indexes.index_field(made, by=admin)
    field = registry.module("lead").fields[made.key]
    expression = values.order(field)
    assert any(name in plan(Lead._base_manager.order_by(expression, "pk")[:10]) for name in names())


def test_indexes_come_back_after_a_migration(admin):
    made = services.create_field("lead", label_en="Hot", kind="integer", by=admin)
    indexes.index_field(made, by=admin)
    indexes.drop(made)  # as SQLite does when Django rebuilds the table
    call_command("migrate", verbosity=0)
    assert len(names()) == 1


def test_another_type_gets_another_index_and_a_retired_field_none(admin, sara):
    made = services.create_field("lead", label_en="Hot", kind="text", by=admin)
    LeadFactory(assigned_to=sara, custom={made.key: "12"})
    indexes.index_field(made, by=admin)
    assert len(names()) == 2
    services.retype_field(made, kind="integer", by=admin)
    assert len(names()) == 1
    services.retire_field(made, by=admin)
    assert names() == set()
