"""Options of lists: what records hold stays, unless a replacement is named."""

import re

import pytest

from crm.fields import dictionary, registry, services
from crm.fields.errors import BadDefinition, LabelTaken, StillInUse
from crm.fields.models import PicklistOption
from crm.related.models import Change
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import ConversionPreferences, Lead
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def option(list_key, value):
    return PicklistOption.objects.get(list_key=list_key, value=value)


def offered(list_key):
    return [one.value for one in dictionary.options(list_key) if not one.retired]


def test_a_shared_list_is_replaced_in_every_module_but_not_in_converted_leads(
    admin, sara, django_assert_max_num_queries
):
    lead, other = (
        LeadFactory(assigned_to=sara, lead_source="Partner"),
        LeadFactory(assigned_to=sara, lead_source="Other"),
    )
    gone = LeadFactory(assigned_to=sara, lead_source="Partner")
    contact = ContactFactory(assigned_to=sara, lead_source="Partner")
    sale = OpportunityFactory(assigned_to=sara, lead_source="Partner")
    made = convert(gone.pk, Order(parts={"contact": Part()}), by=sara).contact
    with django_assert_max_num_queries(24):
        assert services.retire_option(option("lead_source", "Partner"), replacement="Employee", by=admin) == 4
    told = Change.objects.filter(by=admin).values_list("changes", flat=True)
    assert list(told) == [{"lead_source": ["Partner", "Employee"]}] * 4
    held = [type(one)._base_manager.get(pk=one.pk).lead_source for one in (lead, other, gone, contact, sale, made)]
    assert held == ["Employee", "Other", "Partner", "Employee", "Employee", "Employee"]
    assert "Partner" not in offered("lead_source")


@pytest.mark.parametrize("kind", ["picklist", "multipicklist"])
def test_custom_values_are_replaced_too(admin, sara, kind):
    field = services.create_field("lead", label_en="Interest", kind=kind, options=["A", "B", 'It\'s "C"'], by=admin)
    as_held = (lambda *values: list(values)) if kind == "multipicklist" else (lambda *values: values[0])
    for values in (("A", "B"), ('It\'s "C"', "A"), ("B",)):
        LeadFactory(assigned_to=sara, custom={field.key: as_held(*values), "cf_other": "A"})
    services.retire_option(option(f"lead.{field.key}", "A"), replacement='It\'s "C"', by=admin)
    held = list(Lead.objects.order_by("pk").values_list("custom", flat=True))
    new = [['It\'s "C"', "B"], ['It\'s "C"'], ["B"]] if kind == "multipicklist" else ['It\'s "C"', 'It\'s "C"', "B"]
    assert held == [{field.key: value, "cf_other": "A"} for value in new]
    told = Change.objects.filter(by=admin).order_by("pk").values_list("changes", flat=True)
    before = [as_held("A", "B"), as_held('It\'s "C"', "A")][: 2 if kind == "multipicklist" else 1]
    assert list(told) == [{field.key: [old, value]} for old, value in zip(before, new, strict=False)]


def test_without_a_replacement_records_keep_the_retired_option(admin, sara):
    lead = LeadFactory(assigned_to=sara, rating="Active")
    assert services.retire_option(option("rating", "Active"), by=admin) == 0
    lead.refresh_from_db()
    assert registry.module("lead").fields["rating"].show(lead.rating) == "Active"
    services.bring_back_option(option("rating", "Active"), by=admin)
    assert "Active" in offered("rating")


def test_a_default_goes_only_with_a_replacement(admin):
    services.set_field("lead", "rating", default="Active", by=admin)
    with pytest.raises(StillInUse) as refusal:
        services.retire_option(option("rating", "Active"), by=admin)
    assert refusal.value.reasons == ["Default value of Rating"]
    services.retire_option(option("rating", "Active"), replacement="Acquired", by=admin)
    assert registry.module("lead").fields["rating"].default == "Acquired"


def test_the_last_option_stays_and_a_replacement_must_be_offered(admin):
    field = services.create_field("lead", label_en="Only", kind="picklist", options=["A"], by=admin)
    with pytest.raises(StillInUse):
        services.retire_option(option(f"lead.{field.key}", "A"), by=admin)
    with pytest.raises(BadDefinition):
        services.retire_option(option("rating", "Active"), replacement="Active", by=admin)


def test_renaming_keeps_the_value_and_reordering_the_rest(admin):
    services.rename_option(option("rating", "Active"), label_en="Busy", label_fa="پرکار", colour="ok", by=admin)
    services.reorder_options("rating", ["Shutdown", "Active"], by=admin)
    first = dictionary.options("rating")[:2]
    assert [(one.value, one.label_en, one.label_fa, one.colour) for one in first] == [
        ("Shutdown", "Shutdown", "تعطیل‌شده", ""), ("Active", "Busy", "پرکار", "ok"),
    ]  # fmt: skip
    assert len(dictionary.options("rating")) == 5


@pytest.mark.parametrize("value", ["active", "Active ", "فعال", "فعّال"])
def test_an_option_that_reads_like_another_is_refused(admin, value):
    with pytest.raises(LabelTaken):
        services.add_option("rating", value=value, by=admin)


def test_an_option_that_always_read_like_another_can_be_renamed(admin):
    ms = option("salutation", "Ms.")
    assert services.rename_option(ms, label_en="Miss", label_fa=ms.label_fa, by=admin).label_en == "Miss"
    with pytest.raises(LabelTaken):
        services.rename_option(ms, label_en="Mr.", label_fa=ms.label_fa, by=admin)


@pytest.mark.parametrize(
    ("list_key", "value", "advice"),
    [
        ("lead_status", "Qualified", "Rename it instead."),
        ("sales_stage", "Closed Won", "Rename it instead."),
        ("sales_stage", "Closed Lost", "Rename it instead."),
        ("sales_stage", "Qualification", "Choose another stage in the conversion settings first."),
    ],
)
@pytest.mark.parametrize("replacement", [None, "Cold", "Prospecting"])
def test_options_that_the_product_rests_on_stay(admin, list_key, value, advice, replacement):
    ConversionPreferences.objects.create(first_stage="Qualification")
    offers_it = replacement in offered(list_key)
    with pytest.raises(StillInUse if offers_it or replacement is None else BadDefinition) as refusal:
        services.retire_option(option(list_key, value), replacement=replacement, by=admin)
    assert value in offered(list_key)
    assert not (offers_it or replacement is None) or refusal.value.messages[-1].endswith(advice)


def test_a_path_leaves_out_retired_steps_but_for_the_one_that_the_record_is_at(admin, sara, as_user):
    here, elsewhere = (LeadFactory(assigned_to=sara, lead_status=one) for one in ("Contacted", "Cold"))
    services.retire_option(option("lead_status", "Contacted"), by=admin)
    shown = [
        [step.label for step in as_user(sara).get(f"/leads/{lead.pk}/").context["page"].path()]
        for lead in (here, elsewhere)
    ]
    whole = ["Not Contacted", "Contacted", "Pre Qualified", "Qualified", "Converted"]
    assert shown == [whole, [step for step in whole if step != "Contacted"]]


def test_a_saved_filter_says_what_became_of_its_field_and_its_option(admin, sara, as_user):
    field = services.create_field("lead", label_en="Interest", kind="picklist", options=["A", "B"], by=admin)
    LeadFactory(assigned_to=sara, custom={field.key: "A"})
    browser = as_user(sara)
    services.retire_option(option(f"lead.{field.key}", "A"), by=admin)
    page = browser.get("/leads/", {"f": f"{field.key}:any:A"})
    assert "A (retired)" in page.content.decode()
    assert page.context["listing"].count == (1, False)
    services.retire_field(field, by=admin)
    page = browser.get("/leads/", {"f": f"{field.key}:any:A"})
    assert "The field “Interest” was retired. The list is not filtered by it." in page.content.decode()


def test_the_colour_of_an_option_shows_wherever_its_value_does(admin, sara, as_user):
    services.rename_option(option("lead_status", "Hot"), label_en="Hot", label_fa="داغ", colour="bad", by=admin)
    services.rename_option(option("rating", "Active"), label_en="Active", label_fa="فعال", colour="org", by=admin)
    lead = LeadFactory(assigned_to=sara, lead_status="Hot", rating="Active")
    browser = as_user(sara)
    rated = '<span class="chip org"><bdi>Active</bdi></span>'
    assert '<span class="chip bad">Hot</span>' in browser.get(f"/leads/{lead.pk}/").content.decode()
    assert rated in browser.get(f"/leads/{lead.pk}/?tab=details").content.decode()
    listed = browser.get("/leads/?col=lead_status&col=rating").content.decode()
    changed_here = re.search(r'<a class="chip bad"[^>]*><bdi>Hot</bdi>', listed)
    assert (rated in listed, changed_here is not None) == (True, True)
    assert 'class="chip bad" id="column-' in browser.get("/leads/board/").content.decode()
