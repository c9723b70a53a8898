"""A fresh instance is what the constructor gives."""

import pytest
from django.apps import apps

from crm.kit.fresh import new_instance


@pytest.mark.parametrize(
    "name", ["leads.Lead", "leads.Conversion", "records.Contact", "related.Dossier", "related.Comment"]
)
def test_a_fresh_instance_is_as_the_constructor_makes_it(name):
    model = apps.get_model(name)
    made, usual = new_instance(model), model()
    times = {field.attname for field in model._meta.concrete_fields if field.get_internal_type() == "DateTimeField"}
    values = [
        {key: value for key, value in one.__dict__.items() if key not in {"_state", *times}} for one in (made, usual)
    ]
    assert values[0] == values[1]
    assert (made._state.adding, made._state.db, made._state.fields_cache) == (True, None, {})


def test_two_fresh_instances_share_nothing():
    contact = apps.get_model("records.Contact")
    first, second = new_instance(contact), new_instance(contact)
    first.custom["cf_budget"] = 1
    assert second.custom == {}
