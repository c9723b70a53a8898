"""The command: the same service, a line for each lead, exit code 0 only if all were converted."""

import io

import pytest
from django.core.management import CommandError, call_command

from crm.fields import dictionary
from crm.fields.models import CustomField
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion, Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, list[str]]:
    """The exit code and the printed lines."""
    out = io.StringIO()
    try:
        call_command("convert_leads", *map(str, arguments), stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def test_leads_are_converted_in_their_owners_names(sara, omid):
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=omid, company="")
    code, lines = run("--ids", first.pk, second.pk)
    one, other = Conversion.objects.order_by("pk")
    assert (code, lines) == (
        0,
        [
            f"LEA{first.pk}: {one.number}, {one.organization.number}, {one.contact.number}.",
            f"LEA{second.pk}: {other.number}, {other.contact.number}.",
            "2 converted, 0 refused.",
        ],
    )
    assert [one.converted_by, other.converted_by] == [sara, omid]
    assert list(violations()) == []


def test_one_that_is_refused_does_not_stop_the_others(sara):
    leads = [LeadFactory(assigned_to=sara) for _ in range(2)]
    done = convert(leads[0].pk, Order(parts={"contact": Part()}), by=sara)
    Lead.objects.filter(pk=leads[1].pk).update(last_name="")
    last = LeadFactory(assigned_to=sara)
    code, lines = run("--ids", leads[0].pk, leads[1].pk, 10**6, last.pk)
    made = Conversion.objects.latest("pk")
    assert code == 1
    assert lines == [
        f"LEA{leads[0].pk}: Already converted: {done.number}.",
        f"LEA{leads[1].pk}: Contact: Enter a value for Last name.",
        "LEA1000000: There is no such lead, or you may not see it.",
        f"LEA{last.pk}: {made}, {made.organization.number}, {made.contact.number}.",
        "1 converted, 3 refused.",
    ]


def test_what_is_made_and_where_things_go_can_be_chosen(sara, manager):
    lead = LeadFactory(assigned_to=sara)
    run("--ids", lead.pk, "--with", "organization,opportunity", "--transfer-to", "organization", "--as", "manager")
    made = Conversion.objects.get()
    assert (made.contact, made.transfer_to, made.converted_by) == (None, "organization", manager)
    assert (made.opportunity.organization, made.opportunity.assigned_to) == (made.organization, sara)


@pytest.mark.parametrize(("name", "line"), [("omid", "no such lead"), ("reader", "may not convert leads")])
def test_the_users_rights_count(sara, omid, reader, name, line):
    code, lines = run("--ids", LeadFactory(assigned_to=sara).pk, "--as", name)
    assert (code, lines[-1]) == (1, "0 converted, 1 refused.")
    assert line in lines[0]
    assert not Conversion.objects.exists()


def test_a_rehearsal_tells_what_would_happen_and_writes_nothing(sara):
    good, bad = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    Lead.objects.filter(pk=bad.pk).update(last_name="")
    code, lines = run("--ids", good.pk, bad.pk, "--dry-run", "--with", "contact, opportunity")
    assert (code, lines) == (
        1,
        [
            f"LEA{good.pk}: would become contact, opportunity.",
            f"LEA{bad.pk}: Contact: Enter a value for Last name.",
            "1 would be converted, 1 refused.",
        ],
    )
    assert (Conversion.objects.count(), Lead.objects.count()) == (0, 2)


def test_a_filter_takes_open_leads_with_these_values(sara, manager):
    CustomField.objects.create(module="lead", key="cf_size", kind="integer", label_en="Size", label_fa="اندازه")
    dictionary.forget()
    wanted = LeadFactory(assigned_to=sara, lead_status="Hot", custom={"cf_size": 5}, employees=0)
    LeadFactory(assigned_to=sara, lead_status="Hot", custom={"cf_size": 6}, employees=0)
    LeadFactory(assigned_to=sara, lead_status="Cold", custom={"cf_size": 5}, employees=0)
    LeadFactory(assigned_to=manager, lead_status="Hot", custom={"cf_size": 5}, employees=1)
    code, lines = run("--filter", "lead_status=Hot", "cf_size=5", "employees=0", f"assigned_to={sara.pk}")
    assert (code, len(lines), Conversion.objects.get().lead_id) == (0, 2, wanted.pk)
    assert run("--filter", "cf_size=5", "lead_status=Hot", "employees=0") == (0, ["0 converted, 0 refused."])
    assert run("--filter", "cf_size=", "--dry-run") == (0, ["0 would be converted, 0 refused."])
    assert len(run("--filter", "employees=1", "--dry-run")[1]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--filter", "nonsense=1"],
        ["--filter", "assigned_to__password=x"],
        ["--filter", "lead_status"],
        ["--filter", "employees=many"],
        ["--ids", "1", "--with", "organization,house"],
        ["--ids", "1", "--as", "nobody"],
        ["--ids", "1", "--transfer-to", "opportunity"],
        ["--ids", "1", "--filter", "city=x"],
        [],
    ],
)
def test_what_makes_no_sense_is_refused_at_once(db, arguments):
    with pytest.raises(CommandError):
        call_command("convert_leads", *arguments)
