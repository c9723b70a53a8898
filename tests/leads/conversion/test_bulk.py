"""Many leads at once are converted by the same rules, with the same rights and into the same rows as one by one."""

import datetime as dt
from contextvars import copy_context
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from crm.fields.models import CustomField
from crm.fields.services import create_field
from crm.records.models import Contact
from crm.related import filing, services
from crm.related.models import KINDS, Comment, Dossier, Following, Tagging
from leads.conversion import bulk, service
from leads.conversion.bulk import Outcome, convert_chunk
from leads.conversion.order import Order, Part
from leads.conversion.scheme import Scheme
from leads.integrity import violations
from leads.models import Conversion, Lead
from mapping import table
from mapping.rows import TARGETS, Row
from mapping.services import replace
from tests.factories import LeadFactory, activity, comment

pytestmark = pytest.mark.django_db

ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}


def order_of(lead, **more):
    return Order(parts={"organization": Part(), "contact": Part()} if lead.company else {"contact": Part()}, **more)


def everything(lead):
    parts = ALL if lead.company else {"contact": Part(), "opportunity": Part()}
    return Order(parts=parts, transfer_to="organization" if lead.company else "contact")


def converted(*leads):
    return [Outcome(lead=lead.pk, result="converted") for lead in leads]


def leads_of_all_kinds(owner):
    """Leads that differ in whatever a conversion decides by."""
    CustomField.objects.get_or_create(
        module="lead", key="cf_budget", kind="integer", label_en="Budget", label_fa="بودجه"
    )
    made = [
        LeadFactory(assigned_to=owner, last_name="یکم", company=""),
        LeadFactory(
            assigned_to=owner, last_name="دوم", annual_revenue=Decimal("12.5"), employees=0, email_opt_out=True
        ),
        LeadFactory(assigned_to=owner, last_name="سوم", custom={"cf_budget": 0}, rating="Active", salutation="Mr."),
        LeadFactory(assigned_to=owner, last_name="چهارم", lead_status="", description="دو\nسطر"),
    ]
    for lead in made[1:]:
        comment(lead, owner)
        activity(lead, owner)
        services.set_tags(lead, "VIP, نمایشگاه", by=owner)
        Following.objects.create(dossier=lead.dossiers.get(), user=owner)
    return made


def shape(conversion):
    """Everything that a conversion made, without keys and times."""
    keys = {"id", "digest", "previous_digest", "converted_at", "lead", "note", *TARGETS}
    row = {key: value for key, value in model_to_dict(conversion).items() if key not in keys}
    row["snapshot"] = {
        k: v for k, v in row["snapshot"].items() if k not in ("id", "number", "email", "created_at", "modified_at")
    }
    made = {}
    for key in TARGETS:
        record = getattr(conversion, key)
        if record is None:
            continue
        home = Dossier.objects.get(**{key: record, "is_home": True})
        came = Dossier.objects.filter(**{key: record, "is_home": False, "came_from": conversion.lead_id})
        made[key] = {
            "values": {f.key: f.get(record) for f in record.module.fields.values()}
            | {
                "created_at": record.created_at == conversion.converted_at,
                "modified_at": record.modified_at == conversion.converted_at,
            }
            | {"organization": getattr(record, "organization_id", None) == conversion.organization_id}
            | {"contact": getattr(record, "contact_id", None) == conversion.contact_id, "email": ""},
            "search": (record.sort_name, bool(record.search_text)),
            "tags": sorted(Tagging.objects.filter(dossier=home).values_list("tag__name", flat=True)),
            "followers": list(Following.objects.filter(dossier=home).values_list("user", flat=True)),
            "notes": [(one.body, one.created_by_id) for one in Comment.objects.filter(dossier=home)],
            "moved": [kind.objects.filter(dossier__in=came).count() for kind in KINDS],
        }
        assert not conversion.note or Comment.objects.get(pk=conversion.note).dossier.holder == (
            conversion.contact or conversion.organization
        )
    return row, made


@pytest.mark.parametrize("order_for", [order_of, everything])
def test_bulk_makes_the_same_rows_as_one_by_one(sara, order_for):
    alone, together = leads_of_all_kinds(sara), leads_of_all_kinds(sara)
    for lead in alone:
        service.convert(lead.pk, order_for(lead), by=sara)
    assert convert_chunk([lead.pk for lead in together], order_for, by=sara) == converted(*together)
    shapes = {lead.pk: shape(Conversion.objects.get(lead=lead)) for lead in [*alone, *together]}
    assert [shapes[lead.pk] for lead in together] == [shapes[lead.pk] for lead in alone]
    assert list(violations()) == []
    digests = Conversion.objects.order_by("pk").values_list("previous_digest", "digest")
    assert [previous for previous, _own in digests][1:] == [own for _previous, own in digests][:-1]


def test_only_what_is_refused_is_left_out(sara, omid):
    gone, good, theirs = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara), LeadFactory(assigned_to=omid)
    bad = LeadFactory(assigned_to=sara)
    Lead.objects.filter(pk=bad.pk).update(last_name="")
    earlier = service.convert(gone.pk, order_of(gone), by=sara)
    pks = [gone.pk, good.pk, theirs.pk, bad.pk, 999_999]
    told = []
    outcomes = convert_chunk(pks, order_of, by=sara, mark=told.extend)
    no_lead = "There is no such lead, or you may not see it."
    assert sorted(outcomes, key=lambda one: one.lead) == [
        Outcome(lead=gone.pk, result="earlier", reason=f"Already converted: {earlier.number}."),
        *converted(good),
        Outcome(lead=theirs.pk, result="refused", reason=no_lead),
        Outcome(lead=bad.pk, result="refused", reason="Contact: Enter a value for Last name."),
        Outcome(lead=999_999, result="refused", reason=no_lead),
    ]
    assert told == outcomes
    assert Conversion.objects.count() == 2


def test_who_may_not_convert_converts_nothing(sara, reader):
    lead = LeadFactory(assigned_to=sara)
    assert [one.result for one in convert_chunk([lead.pk], order_of, by=reader)] == ["refused"]
    assert Conversion.objects.count() == 0


def test_the_same_order_knows_what_it_did_before_it_was_interrupted(sara):
    lead = LeadFactory(assigned_to=sara)

    def order(lead):
        return order_of(lead, key="job-1")

    assert convert_chunk([lead.pk], order, by=sara) == converted(lead)
    assert convert_chunk([lead.pk], order, by=sara) == converted(lead)
    assert [one.result for one in convert_chunk([lead.pk], order_of, by=sara)] == ["earlier"]


@pytest.mark.parametrize("count", [1, 40])
def test_a_chunk_is_fifteen_statements_whatever_hangs_on_its_leads(sara, count):
    leads = [LeadFactory(assigned_to=sara) for _ in range(count)]
    for lead in leads:
        for number in range(3):
            comment(lead, sara)
            activity(lead, sara, subject=f"Call {number}")
        services.set_tags(lead, "VIP", by=sara)
    order_of_all = Order(parts=ALL)
    sara.has_perm("leads.convert_lead")  # a worker asks once in each turn for its user and the rules
    scheme = Scheme.read(sara)
    with CaptureQueriesContext(connection) as statements:
        convert_chunk([lead.pk for lead in leads], lambda _lead: order_of_all, by=sara, scheme=scheme)
    assert len(own(statements)) == 14, own(statements)


def own(statements):
    """The statements but those that the test's own transaction adds."""
    return [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]


@pytest.mark.parametrize("way", ["chunk", "service", "command"])
def test_fields_that_another_process_added_and_mapped_meanwhile_are_known(way, sara, admin):
    lead, scheme = LeadFactory(assigned_to=sara), Scheme.read(sara)

    def elsewhere():
        mine, theirs = (create_field(key, label_en="New", kind="url", by=admin).key for key in ("lead", "contact"))
        mapping, source = table.current(), "website" if way == "command" else mine
        rows = [row for row in mapping.rows() if row.lead != source]
        replace([*rows, Row(lead=source, contact=theirs)], seen=mapping.revision, by=admin)
        filing.edit(lead, {source: "http://kept.example.com"}, by=sara)
        return {theirs: "http://kept.example.com"}

    expected = copy_context().run(elsewhere)  # this process hears of none of it
    if way == "chunk":
        convert_chunk([lead.pk], order_of, by=sara, scheme=scheme)
    elif way == "service":
        service.convert(lead.pk, order_of(lead), by=sara)
    else:
        call_command("convert_leads", ids=[lead.pk], stdout=StringIO())
    assert Contact.objects.get().custom == expected


def test_a_failure_leaves_nothing(sara):
    leads = [LeadFactory(assigned_to=sara) for _ in range(3)]

    def fail(_outcomes):
        raise DatabaseError

    with pytest.raises(DatabaseError):
        convert_chunk([lead.pk for lead in leads], order_of, by=sara, mark=fail)
    assert (Conversion.objects.count(), Lead.objects.count()) == (0, 3)


def test_examination_says_the_same_and_writes_nothing(sara, omid):
    good, bad = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=omid)
    pks = [good.pk, bad.pk]
    examined = bulk.examine_chunk(pks, order_of, by=sara)
    assert Conversion.objects.count() == 0
    assert examined == convert_chunk(pks, order_of, by=sara)
    assert dt.timedelta(0) <= Conversion.objects.get().converted_at - good.created_at
