"""Custom fields are made, changed, retired and brought back by services that name what would break."""

import pytest
from django.core.exceptions import PermissionDenied

from crm.fields import registry, services
from crm.fields.errors import BadDefinition, BadLabel, LabelTaken, ValuesDontFit
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def make(admin, label="Budget", kind="currency", module="lead", **more):
    return services.create_field(module, label_en=label, kind=kind, by=admin, **more)


def test_a_field_is_there_at_once(admin):
    made = make(admin, label_fa="بودجه", digits=20, places=2, required=True)
    field = registry.module("lead").fields["cf_budget"]
    assert (made.key, made.label_fa, field.size(), field.required, field.block) == (
        "cf_budget", "بودجه", "20,2", True, "custom",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ({"label_en": "Visit  note!"}, "cf_visit_note"),
        ({"label_fa": "بودجهٔ پروژه"}, "cf_bvdjh_prvzhh"),
        ({"label_en": "__a__b__"}, "cf_a_b"),
        ({"label_en": "预算"}, "cf_field"),
        ({"label_en": "Étage 2"}, "cf_etage_2"),
        ({"label_en": "x" * 100}, "cf_" + "x" * 50),
    ],
)
def test_keys_are_slugs(admin, labels, key):
    assert services.create_field("lead", kind="text", by=admin, **labels).key == key


def test_a_key_is_never_used_twice_even_after_retiring(admin):
    services.retire_field(make(admin), by=admin)
    assert make(admin).key == "cf_budget_2"


@pytest.mark.parametrize("label", ["Company", "شركت", "  COMPANY ", "شر‌کت"])
def test_a_label_that_reads_like_another_is_refused(admin, label):
    with pytest.raises(LabelTaken) as refusal:
        make(admin, label, "text")
    assert list(refusal.value.message_dict) == ["label_en"]


@pytest.mark.parametrize("label", ["", " \u200b", "x" * 65536, "a\0b", "\ud800"])
def test_labels_that_cannot_be_are_refused(admin, label):
    with pytest.raises(BadLabel):
        make(admin, label, "text")


def test_labels_lose_what_deceives(admin):
    assert make(admin, "inv\u202eoice\u0007\n<b>", "text").label_en == "invoice <b>"


@pytest.mark.parametrize(
    ("kind", "more", "where"),
    [
        ("magic", {}, "kind"),
        ("link", {}, "kind"),
        ("text", {"length": 0}, "length"),
        ("text", {"length": 100000}, "length"),
        ("decimal", {"digits": 40}, "digits"),
        ("decimal", {"digits": 4, "places": 5}, "places"),
        ("checkbox", {"required": True}, "required"),
        ("picklist", {}, "options"),
        ("text", {"options": ["a"]}, "options"),
        ("picklist", {"options": ["علي", "علی"]}, "options"),
        ("picklist", {"options": ["x" * 101]}, "options"),
        ("picklist", {"options": ["a"], "default": "b"}, "default"),
        ("text", {"length": 2, "default": "abc"}, "default"),
        ("date", {"default": "soon"}, "default"),
    ],
)
def test_definitions_that_cannot_be_are_refused(admin, kind, more, where):
    with pytest.raises((BadDefinition, BadLabel, LabelTaken)) as refusal:
        make(admin, "Anything", kind, **more)
    assert list(refusal.value.message_dict) == [where]
    assert "cf_anything" not in registry.module("lead").fields


def test_only_administrators_may(manager, admin):
    made = make(admin)
    for forbidden in (
        lambda: make(manager, "Other"),
        lambda: services.edit_field(made, label_en="x", by=manager),
        lambda: services.retire_field(made, by=manager),
        lambda: services.set_field("lead", "company", required=True, by=manager),
        lambda: services.add_option("rating", value="x", by=manager),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()


def test_shrinking_counts_the_records_that_hold_more(admin, sara):
    field = make(admin, "Note", "text", length=20)
    for text in ("short", "much too long", "also much too long"):
        LeadFactory(assigned_to=sara, custom={field.key: text})
    with pytest.raises(ValuesDontFit) as refusal:
        services.resize_field(field, length=5, by=admin)
    assert refusal.value.count == 2
    assert services.resize_field(field, length=18, by=admin).length == 18
    assert services.resize_field(field, length=200, by=admin).length == 200


def test_retyping_rewrites_what_records_hold_or_counts_what_it_cannot(admin, sara):
    field = make(admin, "Seats", "text")
    lead = LeadFactory(assigned_to=sara, custom={field.key: "۱۲"})
    field = services.retype_field(field, kind="integer", by=admin)
    lead.refresh_from_db()
    assert lead.custom == {field.key: 12}
    with pytest.raises(ValuesDontFit) as refusal:
        services.retype_field(field, kind="date", by=admin)
    assert refusal.value.count == 1


def test_a_retired_field_keeps_its_values_and_comes_back_with_them(admin, sara):
    field = make(admin, "Note", "text")
    lead = LeadFactory(assigned_to=sara, custom={field.key: "kept"})
    services.retire_field(field, by=admin)
    assert field.key not in registry.module("lead").fields
    services.bring_back_field(field, by=admin)
    assert registry.module("lead").fields[field.key].get(lead) == "kept"
