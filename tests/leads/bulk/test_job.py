"""The job that converts many leads: checked, started, paused, resumed, cancelled, and what it tells."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm.jobs import results, services, turns
from crm.jobs.models import Item, Job, Task
from crm.jobs.worker import work_off
from leads.bulk import job as jobs
from leads.conversion import bulk
from leads.conversion.many import Wish
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion, Lead
from tests.factories import ContactFactory, LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(sara):
    return [
        LeadFactory(assigned_to=sara, company=f"Company {number}", first_name=f"Name{number}", phone="")
        for number in range(5)
    ]


def run(leads, by, **wish):
    job = jobs.create(leads, Wish(**wish), by=by)
    assert services.start(job, by=by)
    work_off()
    job.refresh_from_db()
    return job


def outcomes(job):
    return list(Item.objects.filter(job=job).order_by("record").values_list("record", "outcome", "reason"))


def test_job_converts_all_its_leads_and_tells_of_each(sara, omid, five):
    theirs = LeadFactory(assigned_to=omid)
    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    earlier = convert(five[0].pk, Order(parts={"contact": Part()}), by=sara)
    services.start(job, by=sara)
    work_off()
    job.refresh_from_db()
    assert outcomes(job) == [
        (five[0].pk, "earlier", f"Already converted: {earlier.number}."),
        *((lead.pk, "converted", "") for lead in five[1:]),
        (theirs.pk, "refused", "There is no such lead, or you may not see it."),
    ]
    assert (job.state, job.total, job.is_over, Task.objects.count()) == ("finished", 6, True, 0)
    assert set(Conversion.objects.exclude(pk=earlier.pk).values_list("idempotency_key", flat=True)) == {f"job-{job.pk}"}
    assert list(violations()) == []


def test_it_goes_on_in_turns(sara, five, monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 2)
    monkeypatch.setattr(turns, "TURN", 0.0)
    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    services.start(job, by=sara)
    assert work_off(limit=1) == 1
    assert results.tally(job, "outcome") == {"": 3, "converted": 2}
    assert services.pause(job, by=sara)
    assert work_off() == 1
    assert results.tally(job, "outcome") == {"": 3, "converted": 2}
    assert services.resume(job, by=sara)
    work_off()
    assert results.tally(job, "outcome") == {"converted": 5}


def test_cancelled_job_keeps_what_it_did(sara, five, monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 2)
    monkeypatch.setattr(turns, "TURN", 0.0)
    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    services.start(job, by=sara)
    work_off(limit=1)
    assert services.cancel(job, by=sara)
    assert work_off() == 1
    job.refresh_from_db()
    assert (job.state, Conversion.objects.count()) == ("cancelled", 2)
    assert [services.resume(job, by=sara), services.start(job, by=sara), services.cancel(job, by=sara)] == [False] * 3


def test_a_job_whose_person_left_fails_and_can_be_seen_by_administrators(sara, admin, omid, five):
    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    services.start(job, by=sara)
    sara.is_active = False
    sara.save()
    work_off()
    job.refresh_from_db()
    assert (job.state, Conversion.objects.count()) == ("failed", 0)
    assert list(services.visible_to(admin)) == [job]
    assert list(services.visible_to(omid)) == []
    with pytest.raises(PermissionDenied):
        services.resume(job, by=omid)


def test_an_error_of_ours_is_tried_again_and_then_said(sara, five, monkeypatch):
    def fail(*_args, **_more):
        raise ZeroDivisionError

    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    services.start(job, by=sara)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "convert_many", fail)
        for _again in range(5):
            work_off()
            Task.objects.update(run_at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "ZeroDivisionError")
    assert services.resume(job, by=sara)
    work_off()
    assert results.tally(job, "outcome") == {"converted": 5}


def test_check_sorts_leads_before_anything_is_done(sara, omid, five):
    ContactFactory(assigned_to=sara, email=five[1].email)
    Lead.objects.filter(pk=five[2].pk).update(last_name="")
    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    jobs.check(job)
    job.refresh_from_db()
    assert job.state == "ready"
    assert [item.verdict for item in Item.objects.filter(job=job).order_by("record")] == [
        "clean", "decide", "cannot", "clean", "clean",
    ]  # fmt: skip
    assert Conversion.objects.count() == 0


def test_many_leads_are_checked_in_the_background(sara, five, monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    job = jobs.create(Lead.objects.all(), Wish(), by=sara)
    jobs.check(job)
    assert results.tally(job, "verdict") == {"": 5}
    work_off()
    job.refresh_from_db()
    assert (job.state, results.tally(job, "verdict")) == ("ready", {"clean": 5})


def test_what_was_decided_is_done(sara, five):
    there = ContactFactory(assigned_to=sara)
    job = jobs.create(Lead.objects.all(), Wish(on_match="skip"), by=sara)
    Item.objects.filter(job=job, record=five[0].pk).update(choice={"skip": True})
    Item.objects.filter(job=job, record=five[1].pk).update(choice={"existing": {"contact": there.pk}})
    Item.objects.filter(job=job, record=five[2].pk).update(choice={"parts": ["contact"]})
    services.start(job, by=sara)
    work_off()
    assert [outcome for _pk, outcome, _reason in outcomes(job)] == ["undecided", *["converted"] * 4]
    assert Conversion.objects.get(lead=five[1]).contact_id == there.pk
    assert Conversion.objects.get(lead=five[2]).organization is None


def test_notes_are_in_the_language_of_who_asked(sara, five):
    Lead.objects.update(rating="Active", company="")
    job = run(Lead.objects.filter(pk=five[0].pk), sara)
    Job.objects.filter(pk=job.pk).update(language="fa", state="ready")
    Item.objects.filter(job=job).update(outcome="", record=five[1].pk)
    services.start(job, by=sara)
    work_off()
    bodies = [one.contact.dossiers.get(is_home=True) for one in Conversion.objects.order_by("pk")]
    notes = [str(bulk.Comment.objects.get(dossier=home).body) for home in bodies]
    assert ["Rating" in note for note in notes] == [True, False]


def test_who_may_not_convert_makes_no_job(reader):
    with pytest.raises(PermissionDenied):
        jobs.create(Lead.objects.all(), Wish(), by=reader)
