"""No sequence of edits of fields and options, through the services, breaks a mapping rule or loses a value at the next conversion."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.fields import dictionary, registry, services
from crm.fields.kind import is_empty
from crm.fields.models import CustomField, PicklistOption
from leads.conversion.draft import draft
from leads.models import Lead
from mapping.born import create_everywhere, resize
from mapping.errors import MappingRefused
from mapping.services import replace
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
NAMES, WORDS = ("Alpha", "Beta"), ("red", "green", "سبز", "12", "2026-01-02", "a much longer text")
MODULES = ("lead", "contact", "opportunity")
KINDS = ("text", "textarea", "picklist", "multipicklist", "integer", "decimal", "date", "checkbox")
fields = st.tuples(st.sampled_from(MODULES), st.sampled_from(NAMES))
sizes = st.sampled_from([None, 3, 10, 30])
born = st.tuples(
    st.just("born"), st.sampled_from(NAMES), st.sampled_from(KINDS), sizes, st.sets(st.sampled_from(MODULES[1:]))
)
steps = st.one_of(
    born,
    st.tuples(st.just("unmap"), st.sampled_from(NAMES)),
    st.tuples(st.just("resize"), fields, sizes, st.integers(0, 4)),
    st.tuples(st.just("retype"), fields, st.sampled_from(KINDS), sizes),
    st.tuples(st.just("retire"), fields),
    st.tuples(st.just("back"), fields),
    st.tuples(st.just("required"), fields, st.booleans()),
    st.tuples(st.just("default"), fields, st.sampled_from(WORDS)),
    st.tuples(st.just("add option"), fields, st.sampled_from(WORDS)),
    st.tuples(st.just("retire option"), fields, st.sampled_from(WORDS), st.none() | st.sampled_from(WORDS)),
    st.tuples(st.just("back option"), fields, st.sampled_from(WORDS)),
    st.tuples(st.just("fill"), st.sampled_from(NAMES), st.sampled_from(WORDS)),
)


def custom(where):
    return CustomField.objects.get(module=where[0], label_en=where[1])


def option(where, word):
    return PicklistOption.objects.get(list_key=custom(where).as_field().list_key, value=word)


def take(step, admin, lead):
    name, *rest = step
    match name, rest:
        case "born", [label, kind, length, also_on]:
            options = WORDS[:3] if kind.endswith("picklist") else ()
            size = {"length": length} if kind == "text" else {}
            create_everywhere(
                "lead",
                label_en=label,
                kind=kind,
                options=options,
                also_on=sorted(also_on),
                is_mapped=True,
                by=admin,
                **size,
            )
        case "unmap", [label]:
            mapping, key = current(), custom(("lead", label)).key
            replace([row for row in mapping.rows() if row.lead != key], seen=mapping.revision, by=admin)
        case "resize", [where, length, places]:
            field = custom(where)
            size = (
                {"length": length}
                if field.kind.startswith("text")
                else {"digits": (length or 20) + places, "places": places}
            )
            resize(field, by=admin, **size)
        case "retype", [where, kind, length]:
            options = WORDS[:3] if kind.endswith("picklist") else ()
            services.retype_field(custom(where), kind=kind, length=length, options=options, by=admin)
        case "retire", [where]:
            services.retire_field(custom(where), by=admin)
        case "back", [where]:
            services.bring_back_field(custom(where), by=admin)
        case "required", [where, is_required]:
            services.edit_field(custom(where), required=is_required, by=admin)
        case "default", [where, word]:
            services.edit_field(custom(where), default=word, by=admin)
        case "add option", [where, word]:
            services.add_option(custom(where).as_field().list_key, value=word, by=admin)
        case "retire option", [where, word, replacement]:
            services.retire_option(option(where, word), replacement=replacement, by=admin)
        case "back option", [where, word]:
            services.bring_back_option(option(where, word), by=admin)
        case "fill", [label, word]:
            field = registry.module("lead").fields[custom(("lead", label)).key]
            fresh = Lead.objects.get(pk=lead.pk)
            raw = (
                [word] if field.kind.key == "multipicklist" else word == "red" if field.kind.key == "checkbox" else word
            )
            field.set(fresh, field.kind.parse(raw, field))
            fresh.save()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=born, rest=st.lists(steps, min_size=3, max_size=14))
def test_nothing_breaks_and_nothing_is_lost(first, rest, admin, sara):
    with transaction.atomic():
        savepoint = transaction.savepoint()
        dictionary.forget()
        lead = LeadFactory(assigned_to=sara)
        for step in (first, *rest):
            held = dict(Lead.objects.get(pk=lead.pk).custom)
            try:
                with transaction.atomic():
                    take(step, admin, lead)
            except (ValidationError, MappingRefused, CustomField.DoesNotExist, PicklistOption.DoesNotExist, KeyError):
                dictionary.forget()
            sound(Lead.objects.get(pk=lead.pk), held, sara)
        transaction.savepoint_rollback(savepoint)
        dictionary.forget()


def sound(lead, held, user):
    """Every row keeps the rules; every value is still there, can be read, and goes on conversion where its row says."""
    assert [arrow for arrow in current().arrows if arrow.problem] == []
    assert set(held) <= set(lead.custom)
    drawn = draft(lead, by=user)
    lost = {loss.field.key for loss in drawn.losses({"organization", "contact", "opportunity"})}
    for field in registry.module("lead").fields.values():
        if field.custom and not is_empty(value := field.get(lead)):
            field.kind.check(value, field)
            arrows = [arrow for arrow in current().arrows if arrow.source == field.key]
            assert (field.key in lost) == (not arrows)
            for arrow in arrows:
                assert drawn.parts[arrow.module].values[arrow.target] == value
                target = registry.module(arrow.module).fields[arrow.target]
                target.kind.check(value, target)
