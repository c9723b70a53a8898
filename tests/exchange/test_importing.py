"""Importing leads: rows go in whole or are named with their column and reason."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from crm.exchange.dialect import Table, read_table
from crm.exchange.importing import SKIP, UPDATE, Import
from crm.fields import registry
from crm.related.models import Comment, Dossier
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
QUIRKS = Path(__file__).parent / "data" / "quirks.csv"


def take(rows, by, header=("First Name", "Last Name", "Email", "No. of employees"), **more):
    table = Table(header=list(header), rows=[list(row) for row in rows])
    return Import(table, registry.module("lead"), by=by, **{"owner": by, **more}).run()


def test_quirks_of_vtiger_are_undone_and_nothing_else(admin, sara):
    report = Import(read_table(QUIRKS), registry.module("lead"), by=admin, owner=admin).run()
    first, second, third = Lead.objects.order_by("pk")
    assert (report.created, report.bad) == (3, [])
    assert (first.assigned_to, second.assigned_to, third.assigned_to) == (admin, sara, sara)
    assert (first.annual_revenue, first.email_opt_out) == (None, True)
    assert first.description == 'He said "call me after the fair" and hung up.\nD:\\drive\\'
    assert (second.last_name, second.annual_revenue) == (" Novak ", 449000000)
    assert third.description == "<script>alert(1)</script> a &amp; <b>"
    assert Comment.objects.get(dossier__lead=second).body == "Lead Number: LEA81\nSource: CRM\nBudget: 120"
    assert Dossier.objects.filter(is_home=True, lead__isnull=False).count() == 3


def test_bad_rows_are_named_and_the_others_go_in(admin):
    report = take(
        [("Sara", "Ahmadi", "s@example.com", "12"), ("x" * 41, "", "no address", "many"), ("Ali", "Novak", "", "")],
        admin,
    )
    assert report.created == 2
    assert {(bad.row, bad.column) for bad in report.bad} == {
        (3, "First Name"),
        (3, "Last Name"),
        (3, "Email"),
        (3, "No. of employees"),
    }
    assert all(bad.reason for bad in report.bad)


def test_row_of_another_length_is_named(admin):
    report = take([("Sara", "Ahmadi"), ("Ali", "Novak", "", "")], admin)
    assert (report.created, [bad.row for bad in report.bad]) == (1, [2])


def test_persian_headers_and_digits(admin):
    report = take([("سارا", "احمدی", "", "۱۲")], admin, header=("نام", "نام خانوادگی", "ایمیل", "شماره کارمندی"))
    assert (report.created, Lead.objects.get().employees) == (1, 12)


def test_duplicates_are_skipped_or_filled(admin):
    LeadFactory(assigned_to=admin, first_name="Sara", last_name="Ahmadi", email="s@example.com", city="Shiraz")
    header = ("First Name", "Last Name", "Email", "City", "Rating")
    rows = [("Sara", "Ahmadi", "s@example.com", "Tehran", "Active")]
    assert take(rows, admin, header, on_duplicate=SKIP).skipped == 1
    assert take(rows, admin, header, on_duplicate=UPDATE).updated == 1
    lead = Lead.objects.get()
    assert (lead.city, lead.rating) == ("Shiraz", "Active")


def test_reader_may_not_import(reader):
    with pytest.raises(PermissionDenied):
        take([("Sara", "Ahmadi", "", "")], reader)


def run(*arguments):
    out = StringIO()
    try:
        call_command(*arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_command_takes_a_file_whole(admin, sara, omid):
    code, text = run("import_leads", str(QUIRKS), "--owner", "omid")
    assert code == 0
    assert "3 rows: 3 created" in text
    assert "Lead Number" in text
    assert Lead.objects.filter(assigned_to=omid).count() == 1


def test_dry_run_writes_nothing(admin, sara):
    code, text = run("import_leads", str(QUIRKS), "--dry-run")
    assert (code, Lead.objects.count()) == (0, 0)
    assert "nothing was written" in text


def test_command_ends_with_1_if_a_row_stays_out(admin, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("Last Name,Company\nAhmadi,Pars\n,Nobody\n")
    code, text = run("import_leads", str(path))
    assert (code, Lead.objects.count()) == (1, 1)
    assert "Row 3, column Last Name: Enter a value for Last name." in text


def test_command_refuses_what_is_no_table(admin, tmp_path):
    path = tmp_path / "leads.xlsx"
    path.write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(CommandError):
        run("import_leads", str(path))
