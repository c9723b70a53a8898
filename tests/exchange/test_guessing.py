"""The kind of a new field, told from a column's values; and fields made while importing."""

import pytest
from django.core.exceptions import PermissionDenied

from crm.exchange.dialect import Table
from crm.exchange.guessing import guess
from crm.exchange.importing import IN_NOTE, LEAVE_OUT, NEW_FIELD, Import
from crm.fields import registry
from crm.fields.models import CustomField
from crm.related.models import Comment
from leads.models import Lead
from tests.exchange.test_importing import run

COLUMNS = {
    "integer": ["5", "۱۲", "", "0", "-3"],
    "currency": ["5", "449000000.50"],
    "decimal": ["2.5", "3"],
    "date": ["2026-10-02", "1405/08/15", "0000-00-00", ""],
    "datetime": ["2026-10-02 12:30:05", "2026-10-02 00:00"],
    "time": ["14:30", "9:05"],
    "checkbox": ["0", "1", "", "1"],
    "multipicklist": ["CRM |##| Support", "Training", ""],
    "picklist": ["Official", "None"] * 5,
    "email": ["a@example.com", "b@example.com"],
    "url": ["www.example.ir", "https://example.com/a"],
    "phone": ["+98 21 8877 6655", "0912 345 6789", "00982188776655"],
    "textarea": ["a\nb", "c"],
    "text": ["Cisco", "سیسکو", "=1+1"],
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_kind_is_told_from_all_values(kind):
    assert guess(COLUMNS[kind]).kind.key == kind


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["2026-10-02", "soon"], "text"),
        (["12", "12a"], "text"),
        (["1", "2.123456"], "text"),
        (["Yes please", "yes please"] * 9, "text"),
        (["x" * 101, "y"] * 9, "text"),
        (["x" * 300], "textarea"),
        (["00123", "00456"], "text"),
    ],
)
def test_one_value_that_does_not_fit_decides(column, kind):
    assert guess(column).kind.key == kind


def test_empty_column_makes_no_field():
    assert guess(["", " ", "\u200c"]) is None


HEADER = ["Last Name", "Budget", "=1+1", "<b>", ""]
ROWS = [["Ahmadi", "449000000", "x", "y", ""], ["Novak", "5", "", "", ""]]


def importing(by, **more):
    return Import(Table(header=HEADER, rows=ROWS), registry.module("lead"), by=by, owner=by, **more)


@pytest.mark.django_db
def test_new_fields_are_made_once_and_found_again(admin):
    report = importing(admin, create_fields=True).run()
    assert (report.created, report.bad, report.new_fields["Budget"]) == (2, [], "Currency")
    budget = registry.module("lead").fields["cf_budget"]
    assert sorted(budget.get(lead) for lead in Lead.objects.all()) == [5, 449000000]
    made = CustomField.objects.count()
    assert importing(admin, create_fields=True).run().new_fields == {}
    assert CustomField.objects.count() == made


@pytest.mark.django_db
def test_trial_makes_no_field(admin):
    report = importing(admin, create_fields=True).run(dry_run=True)
    assert (report.new_fields["Budget"], CustomField.objects.count(), Lead.objects.count()) == ("Currency", 0, 0)


@pytest.mark.django_db
def test_columns_go_where_somebody_chose(admin):
    chosen = {0: "last_name", 1: NEW_FIELD, 2: IN_NOTE, 3: LEAVE_OUT, 4: "created_by"}
    report = importing(admin, create_fields=True, chosen=chosen).run()
    assert (report.created, list(report.new_fields)) == (2, ["Budget"])
    assert list(Comment.objects.values_list("body", flat=True)) == ["=1+1: x"]


@pytest.mark.django_db
def test_only_who_may_make_fields_makes_them(sara):
    with pytest.raises(PermissionDenied):
        importing(sara, create_fields=True)


@pytest.mark.django_db
def test_command_makes_fields(admin, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("Last Name,Budget\nAhmadi,449000000\n")
    code, text = run("import_leads", str(path), "--create-fields")
    assert (code, "New fields: Budget (Currency)." in text) == (0, True)
