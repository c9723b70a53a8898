"""Replacing the table: the rules, revision numbers, and that nothing is ever half done."""

from contextlib import suppress
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.fields import dictionary
from crm.fields.models import CustomField
from mapping import services
from mapping.checking import check, fields_now
from mapping.defaults import ROWS
from mapping.errors import MappingChanged, MappingRefused
from mapping.models import Link, Revision
from mapping.rows import TARGETS, Row
from mapping.soundness import faults
from mapping.table import current

pytestmark = pytest.mark.django_db
LOCKED = [row for row in ROWS if row.locked]


def custom(module, key, kind="text", **size):
    field = CustomField.objects.create(module=module, key=key, kind=kind, label_en=key, label_fa=key, **size)
    dictionary.forget()
    return field


def put(*rows, by, seen=None):
    return services.replace([*LOCKED, *rows], seen=current().revision if seen is None else seen, by=by)


def refused(*rows, by):
    """The errors of a table of the locked rows and these, by the index behind the locked ones."""
    before = list(Link.objects.values_list())
    with pytest.raises(MappingRefused) as refusal:
        put(*rows, by=by)
    assert (list(Link.objects.values_list()), Revision.objects.count()) == (before, 1)
    return {index - len(LOCKED): errors for index, errors in refusal.value.errors.items()}


def test_table_is_replaced_under_the_next_number(admin):
    saved = put(Row(lead="city", contact="mailing_city"), by=admin)
    mapping = current()
    assert (saved.number, saved.saved_by, mapping.revision) == (2, admin, 2)
    assert mapping.rows() == [*LOCKED, Row(lead="city", contact="mailing_city")]
    assert Revision.objects.count() == 2


def test_same_table_again_is_no_new_revision(admin):
    assert services.replace(ROWS, seen=1, by=admin).number == 1


def test_who_started_from_an_older_table_is_told(admin, manager):
    put(by=admin)
    with pytest.raises(MappingChanged) as change:
        put(Row(lead="city", contact="mailing_city"), seen=1, by=admin)
    assert (change.value.revision.number, change.value.revision.saved_by) == (2, admin)
    assert current().rows() == LOCKED


@pytest.mark.parametrize("name", ["manager", "sara", "omid", "reader"])
def test_only_administrators_may(name, request):
    user = request.getfixturevalue(name)
    for change in (
        lambda: services.replace(ROWS, seen=1, by=user),
        lambda: services.restore(1, seen=1, by=user),
        lambda: services.defaults(seen=1, by=user),
        lambda: services.add_links([("rating", "contact", "department")], by=user),
    ):
        with pytest.raises(PermissionDenied):
            change()


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        (Row(lead=""), {"lead": ["Choose the lead field first."], "row": ["Choose at least one target, or remove this row."]}),
        (Row(lead="cf_gone", contact="department"), {"lead": ["This lead field doesn't exist any more. Choose another."]}),
        (Row(lead="city"), {"row": ["Choose at least one target, or remove this row."]}),
        (Row(lead="city", contact="\0"), {"contact": ["This target field doesn't exist any more. Choose another."]}),
        (Row(lead="city", contact="birthday"), {"contact": ["Text can't go into Date. Choose a field of the type Text."]}),
        (
            Row(lead="company", contact="department"),
            {"contact": ["Holds 50 characters; the lead field holds 100. Pick a larger field or enlarge this one."]},
        ),
        (
            Row(lead="company", opportunity="organization"),
            {"opportunity": [
                "Text can't go into Link to a record. Choose a field of the type Text.",
                "Company → Organization is already in row 1.",
            ]},
        ),
        (Row(lead="city", contact="last_name"), {"contact": ["Last name already takes Last name (row 4). A target takes one source."]}),
        (Row(lead="email", contact="email"), {"contact": ["Email → Email is already in row 2."]}),
        (
            Row(lead="rating", opportunity="sales_stage"),
            {"opportunity": ["5 options of the lead field don't exist in the target: Acquired, Active, Market Failed, "
                             "Project Cancelled, Shutdown. Their values would go to a note."]},
        ),
        (Row(lead="created_at", contact="modified_at"), {"contact": ["The system keeps this field itself. Choose another."]}),
        (Row(lead="city", contact="mailing_city", locked=True), {"row": ["This mapping is part of the system and can't be changed."]}),
    ],
)  # fmt: skip
def test_row_that_breaks_a_rule_is_refused(row, errors, admin):
    assert refused(row, by=admin) == {0: errors}


def test_second_source_of_a_target_is_told_of_the_first(admin):
    first, second = (
        Row(lead="mobile", contact="other_phone"),
        Row(lead="fax", contact="other_phone", organization="fax"),
    )
    message = "Other phone already takes Mobile phone (row 5). A target takes one source."
    assert refused(first, second, by=admin) == {1: {"contact": [message]}}


@pytest.mark.parametrize("change", [lambda row: None, lambda row: replace(row, organization="secondary_email")])
def test_locked_rows_have_to_be_there_unchanged(change, admin):
    rows = [kept for row in LOCKED if (kept := change(row) if row.lead == "email" else row)]
    with pytest.raises(MappingRefused) as refusal:
        services.replace(rows, seen=1, by=admin)
    missing = "The row of Email is part of the system and has to be there unchanged."
    assert refusal.value.errors[len(rows)] == {"row": [missing]}


def test_field_is_mapped_at_birth(admin):
    for module in ("lead", "contact", "organization"):
        custom(module, "cf_taste", length=20)
    services.add_links([("cf_taste", "contact", "cf_taste"), ("cf_taste", "organization", "cf_taste")], by=admin)
    assert current().rows() == [*ROWS, Row(lead="cf_taste", organization="cf_taste", contact="cf_taste")]


def test_earlier_table_is_restored_if_its_fields_are_still_there(admin):
    for module in ("lead", "contact"):
        custom(module, "cf_taste", length=20)
    put(Row(lead="cf_taste", contact="cf_taste"), by=admin)
    services.defaults(seen=2, by=admin)
    assert current().rows() == list(ROWS)
    services.restore(2, seen=3, by=admin)
    assert current().rows() == [*LOCKED, Row(lead="cf_taste", contact="cf_taste")]
    services.defaults(seen=4, by=admin)
    CustomField.objects.filter(module="contact").update(retired_at="2026-01-01T00:00:00Z")
    with pytest.raises(MappingRefused) as refusal:
        services.restore(2, seen=5, by=admin)
    gone = "This target field doesn't exist any more. Choose another."
    assert refusal.value.errors == {len(LOCKED): {"contact": [gone]}}


def test_saving_takes_the_same_few_statements_whatever_the_number_of_rows(admin):
    found = []
    admin.has_perm("mapping.change_link")
    for rows in ([], ROWS[4:]):
        with CaptureQueriesContext(connection) as queries:
            put(*rows, by=admin, seen=len(found) + 1)
        found.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert (found[0] == found[1], found[0] <= 12) == (True, True)


ROW = st.builds(
    Row.of,
    st.sampled_from(["", "cf_a", "cf_b", "cf_gone", "city", "phone", "email", "rating", "industry", "employees", "created_at"]),
    st.fixed_dictionaries({}, optional={
        module: st.sampled_from(["cf_a", "cf_b", "cf_gone", "email", "phone", "other_city", "industry", "employees", "name", "x\0"])
        for module in TARGETS
    }),
)  # fmt: skip
STEP = st.one_of(
    st.tuples(st.just("replace"), st.lists(ROW, max_size=4), st.booleans()),
    st.tuples(st.just("add"), st.lists(st.tuples(st.sampled_from(["cf_a", "city"]), st.sampled_from(TARGETS), st.sampled_from(["cf_a", "cf_b"])), max_size=2)),
    st.tuples(st.just("restore"), st.integers(1, 6)),
    st.tuples(st.just("defaults")),
)  # fmt: skip


def carry_out(step, admin):
    seen = current().revision
    if step[0] == "replace":
        rows = [*LOCKED, *step[1]] if step[2] else step[1]
        services.replace(rows, seen=seen, by=admin)
    elif step[0] == "add":
        services.add_links(step[1], by=admin)
    elif step[0] == "restore":
        services.restore(step[1], seen=seen, by=admin)
    else:
        services.defaults(seen=seen, by=admin)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, max_size=6))
def test_no_sequence_of_edits_breaks_a_rule(admin, steps):
    for module in ("lead", *TARGETS):
        CustomField.objects.get_or_create(module=module, key="cf_a", kind="text", length=20, label_en="a", label_fa="a")
        CustomField.objects.get_or_create(module=module, key="cf_b", kind="text", length=10, label_en="b", label_fa="b")
    for step in steps:
        with suppress(MappingRefused, Revision.DoesNotExist):
            carry_out(step, admin)
        mapping = current()
        assert (list(faults()), check(mapping.rows(), fields_now())) == ([], {})
        assert [row.as_dict() for row in mapping.rows()] == Revision.objects.get(number=mapping.revision).rows
