"""Fields and options that the mapping needs can't go or change without naming its rows."""

import pytest

from crm.fields import dictionary, services
from crm.fields.errors import BadDefinition, StillInUse
from crm.fields.models import CustomField, PicklistOption
from mapping.born import create_everywhere
from mapping.services import replace
from mapping.table import current

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget(admin):
    return create_everywhere(
        "lead", label_en="Budget", kind="text", length=50, also_on=["contact"], is_mapped=True, by=admin
    )


@pytest.fixture
def interest(admin):
    return create_everywhere(
        "lead",
        label_en="Interest",
        kind="multipicklist",
        options=["A", "B"],
        also_on=["opportunity"],
        is_mapped=True,
        by=admin,
    )


def unmap(made, by):
    mapping = current()
    replace([row for row in mapping.rows() if row.lead != made["lead"].key], seen=mapping.revision, by=by)


def refused(change):
    with pytest.raises(StillInUse) as refusal:
        change()
    return refusal.value.reasons


def test_a_field_can_be_born_mapped(budget, interest):
    arrows = {(arrow.source, arrow.module, arrow.target, arrow.problem) for arrow in current().arrows}
    assert {("cf_budget", "contact", "cf_budget", None), ("cf_interest", "opportunity", "cf_interest", None)} <= arrows


def test_born_everywhere_or_nowhere(admin):
    services.create_field("contact", label_en="Budget", kind="text", by=admin)
    with pytest.raises(BadDefinition) as refusal:
        create_everywhere("lead", label_en="Budget", kind="text", also_on=["opportunity", "contact"], by=admin)
    assert refusal.value.message_dict == {
        "also_on": ["Contact: There is a field “Budget” already. Choose another label."]
    }
    assert CustomField.objects.count() == 1


def test_a_mapped_field_is_not_retired_and_the_row_is_named(budget, admin):
    row = len(current().rows())
    for field in budget.values():
        assert refused(lambda field=field: services.retire_field(field, by=admin)) == [
            f"Row {row}: Budget → Contact · Budget."
        ]
    unmap(budget, admin)
    services.retire_field(budget["lead"], by=admin)


def test_a_mapped_target_is_not_shrunk_and_a_source_not_enlarged_beyond_it(budget, admin):
    row = len(current().rows())
    holds = "Pick a larger field or enlarge this one."
    assert refused(lambda: services.resize_field(budget["contact"], length=40, by=admin)) == [
        f"Row {row}: Budget → Contact · Budget. Holds 40 characters; the lead field holds 50. {holds}"
    ]
    assert refused(lambda: services.resize_field(budget["lead"], length=60, by=admin)) == [
        f"Row {row}: Budget → Contact · Budget. Holds 50 characters; the lead field holds 60. {holds}"
    ]
    services.resize_field(budget["contact"], length=60, by=admin)
    services.resize_field(budget["lead"], length=60, by=admin)


def test_a_mapped_field_is_not_retyped(budget, admin):
    for field in budget.values():
        [reason] = refused(lambda field=field: services.retype_field(field, kind="integer", by=admin))
        assert "Budget → Contact · Budget." in reason


def test_a_new_option_goes_into_the_mapped_list_too(interest, admin):
    services.add_option("lead.cf_interest", value="C", by=admin)
    offered = [option.value for option in dictionary.options("opportunity.cf_interest")]
    assert (offered, [arrow.problem for arrow in current().arrows if arrow.problem]) == (["A", "B", "C"], [])


def test_a_mapped_option_goes_first_from_the_lead_and_then_from_the_target(interest, admin):
    target = PicklistOption.objects.get(list_key="opportunity.cf_interest", value="A")
    source = PicklistOption.objects.get(list_key="lead.cf_interest", value="A")
    assert refused(lambda: services.retire_option(target, by=admin)) == [
        f"Row {len(current().rows())}: Interest → Opportunity · Interest."
    ]
    services.retire_option(source, by=admin)
    services.retire_option(target, by=admin)
    services.bring_back_option(source, by=admin)
    assert [option.retired for option in dictionary.options("opportunity.cf_interest")] == [False, False]
    assert [arrow.problem for arrow in current().arrows if arrow.problem] == []
