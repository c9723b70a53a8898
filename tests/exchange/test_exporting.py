"""Exporting lists: all rows, by rights, safe for spreadsheets, and back again without loss."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from crm.exchange.dialect import table_from
from crm.exchange.importing import Import
from crm.fields import registry
from crm.fields.services import create_field
from crm.kit.sheets import csv_lines, tamed, untamed
from crm.related import filing
from leads.models import Lead
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "'=1", "''+1", "=1\n+2"]
FORMULAS += ["\u202e=1", "\ufeff+1", "\uff1d1+1", "\u00a0@x", "#N/A", '"=1', "x" * 80]
MARKS = ["=", "+", "-", "@", '"', "'=", "#", ";", " ,", "=a\n"]  # of labels
CUSTOM = {
    "text": " a\r\nb ",
    "currency": Decimal("12345678901234567890.12345"),
    "decimal": Decimal("-0.00001"),
    "integer": -5,
    "date": dt.date(2026, 2, 3),
    "datetime": dt.datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=dt.UTC),
    "time": dt.time(14, 30),
    "checkbox": False,
    "multipicklist": ["=1+1", "B,C"],
    "picklist": "#REF!",
}  # fmt: skip


def content(response):
    return b"".join(response.streaming_content)


@pytest.fixture
def fields(admin):
    made = {}
    for mark, kind in zip(MARKS, CUSTOM, strict=True):
        options = ["A", "B,C", "=1+1", "#REF!", '@"x"'] if "picklist" in kind else ()
        sizes = {"digits": 25, "places": 5} if kind in ("currency", "decimal") else {}
        made[kind] = create_field(
            "lead", label_en=f"{mark}My {kind}", kind=kind, options=options, by=admin, **sizes
        ).key
    return made


def delete_all(admin):
    for lead in Lead.objects.all():
        filing.delete(lead, by=admin)


def everything():
    columns = [*registry.module("lead").fields, "custom"]
    return [
        {key: getattr(lead, key) for key in columns if hasattr(lead, key) and key not in ("modified_at", "modified_by", "created_by")}
        for lead in Lead.objects.order_by("created_at", "pk")
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("header", ["labels", "keys"])
def test_what_is_exported_comes_back_without_loss(form, header, fields, sara, admin, as_user):
    LeadFactory(
        assigned_to=sara, annual_revenue=Decimal("449000000.5"), employees=0, email_opt_out=True, phone="+98 21 8"
    )
    for formula in FORMULAS:
        LeadFactory(
            assigned_to=sara,
            last_name=formula,
            description=f'{formula}\r\n"x"\\"\u200f \x0b_x0041_ ;,\t',
        )
    Lead.objects.update(lead_status="Old", email="not valid")
    full = LeadFactory(assigned_to=sara)
    for kind, value in CUSTOM.items():
        registry.module("lead").fields[fields[kind]].set(full, value)
    Lead.objects.filter(pk=full.pk).update(custom=full.custom)
    LeadFactory(assigned_to=sara, custom={fields["date"]: "1899-12-31"})  # workbooks count such days otherwise
    before = everything()
    file = content(as_user(admin).get(f"/leads/export/?sort=created_at&form={form}&header={header}"))
    delete_all(admin)
    report = Import(table_from(file), registry.module("lead"), by=admin, owner=admin).run()
    assert (report.bad, report.without_field) == ([], [])
    assert everything() == before


def test_no_cell_is_a_formula_and_numbers_are_numbers(sara, admin, as_user):
    create_field("lead", label_en="=1+1", kind="text", by=admin)
    for formula in FORMULAS:
        LeadFactory(assigned_to=sara, last_name=formula, annual_revenue=-5)
    rows = list(csv.reader(io.StringIO(content(as_user(admin).get("/leads/export/")).decode("utf-8-sig"))))
    revenue = rows[0].index("Annual revenue")
    assert {row.pop(revenue) for row in rows[1:]} == {"-5"}
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")]
    sheet = load_workbook(io.BytesIO(content(as_user(admin).get("/leads/export/?form=xlsx")))).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert {cell.value for cell in cells if cell.data_type == "n"} >= {-5}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="'=+-@\t\r\n\0ab\u202e\ufeff\uff1d\"; ,", max_size=6))
def test_taming_can_be_undone(text):
    [[first, number, words]] = csv.reader(
        io.StringIO("".join(csv_lines([[text, -5, gettext_lazy("=x")]]))[1:], newline="")
    )
    assert (untamed(first), number, words) == (text, "-5", "'=x")
    assert tamed(text).lstrip(" \u202e\ufeff")[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d")


def test_export_holds_the_list_as_it_is_filtered_sorted_and_seen(sara, omid, manager, as_user):
    for number, user in enumerate([sara, omid, sara]):
        LeadFactory(assigned_to=user, last_name=f"N{number}", city="Tehran" if number else "Shiraz")
    address = "/leads/export/?f=city:is:Tehran&sort=-name&columns=shown&col=city"
    lines = content(as_user(manager).get(address)).decode("utf-8-sig").splitlines()
    assert [line.split(",")[1:] for line in lines] == [
        ["First name", "Last name", "City"], ["سارا", "N2", "Tehran"], ["سارا", "N1", "Tehran"],
    ]  # fmt: skip


@pytest.mark.parametrize("slug", ["organizations", "contacts", "opportunities"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_module_can_be_exported(slug, form, sara, manager, as_user):
    factory = {"organizations": OrganizationFactory, "contacts": ContactFactory, "opportunities": OpportunityFactory}[
        slug
    ]
    made = factory(assigned_to=sara)
    file = content(as_user(manager).get(f"/{slug}/export/?form={form}"))
    table = table_from(file)
    assert [row[0] for row in table.rows] == [made.number]


def test_export_takes_the_same_few_statements_for_any_number_of_rows(
    sara, manager, as_user, django_assert_max_num_queries
):
    for _ in range(30):
        OpportunityFactory(assigned_to=sara, organization=OrganizationFactory(assigned_to=sara))
    browser = as_user(manager)
    with django_assert_max_num_queries(10):
        content(browser.get("/opportunities/export/"))
