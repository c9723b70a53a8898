"""The list of standard fields and the models agree, so that a field is one line here and one column there."""

import pytest
from django.db import models

from crm.fields import kinds, registry
from mapping.defaults import ROWS
from mapping.rules import duplicates, problem

COLUMNS = {
    kinds.TEXT: models.CharField,
    kinds.EMAIL: models.CharField,
    kinds.PHONE: models.CharField,
    kinds.URL: models.CharField,
    kinds.PICKLIST: models.CharField,
    kinds.INTEGER: models.IntegerField,
    kinds.CURRENCY: models.DecimalField,
    kinds.PERCENT: models.DecimalField,
    kinds.DATE: models.DateField,
    kinds.DATETIME: models.DateTimeField,
    kinds.CHECKBOX: models.BooleanField,
    kinds.USER: models.ForeignKey,
    kinds.LINK: models.ForeignKey,
}
NOT_FIELDS = {"id", "custom", "search_text", "sort_name", "converted_at", "merged_into"}


@pytest.mark.parametrize("module", registry.modules(), ids=lambda module: module.key)
def test_every_field_has_its_column_and_every_column_its_field(module):
    columns = {column.name: column for column in module.model._meta.concrete_fields}
    assert {field.key for field in module.standard} == set(columns) - NOT_FIELDS
    for field in module.standard:
        column = columns[field.key]
        if field.kind is kinds.TEXTAREA:
            assert (column.max_length or None) == field.length
            continue
        assert isinstance(column, COLUMNS[field.kind]), field.key
        if field.length:
            assert column.max_length == field.length, field.key
        if field.digits:
            assert (column.max_digits, column.decimal_places) == (field.digits, field.places), field.key


@pytest.mark.django_db
def test_every_default_row_fits_its_targets():
    lead = registry.module("lead").fields
    pairs = [(row, module, target) for row in ROWS for module, target in row.targets().items()]
    wrong = [
        str(found)
        for row, module, target in pairs
        if registry.module(module).fields[target].kind is not kinds.LINK
        and (found := problem(lead[row.lead], registry.module(module).fields[target]))
    ]
    assert wrong == []
    assert duplicates((module, target) for _row, module, target in pairs) == set()
