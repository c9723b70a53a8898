"""The worker: what is due gets done, failures are tried again, and nothing is abandoned."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from crm.jobs import tasks
from crm.jobs.models import ALONE, Job, Task
from crm.jobs.tasks import Again, enqueue, task
from crm.jobs.worker import LEASE, Worker, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch):
    """What the tasks "note", "twice" and "fail" did."""
    told: list[object] = []
    monkeypatch.setattr(tasks, "_kinds", {})
    task("note")(lambda **given: told.append(given))

    @task("twice")
    def twice() -> None:
        told.append("again")
        if len(told) < 2:
            raise Again

    @task("fail", back_off=(60,), given_up=lambda **given: told.append(given))
    def fail(number: int) -> None:
        raise ValueError(f"no {number}")

    return told


def test_what_is_due_is_done_once(done):
    enqueue("note", number=1)
    enqueue("note", run_at=timezone.now() + dt.timedelta(hours=1), number=2)
    enqueue("note", run_at=timezone.now() - dt.timedelta(hours=1), number=0)
    assert (work_off(), work_off()) == (2, 0)
    assert done == [{"number": 0}, {"number": 1}]
    assert Task.objects.get().arguments == {"number": 2}


def test_what_is_asked_for_in_a_transaction_that_fails_is_never_done(done):
    with transaction.atomic():
        enqueue("note")
        transaction.set_rollback(True)
    assert (work_off(), done) == (0, [])


def test_an_unknown_task_is_refused_when_it_is_asked_for(done):
    with pytest.raises(KeyError):
        enqueue("nonsense")


def test_task_that_has_more_to_do_comes_again(done):
    enqueue("twice")
    assert (work_off(), done, Task.objects.count()) == (2, ["again", "again"], 0)


def test_failure_is_tried_again_later_and_then_given_up(done):
    made = enqueue("fail", number=7)
    assert work_off() == 1
    made.refresh_from_db()
    assert (made.problem, made.attempts, made.holder, done) == ("ValueError: no 7", 1, "", [])
    assert dt.timedelta(seconds=50) < made.run_at - timezone.now() <= dt.timedelta(seconds=60)
    Task.objects.update(run_at=timezone.now())
    assert work_off() == 1
    made.refresh_from_db()
    assert made.given_up_at
    assert done == [{"number": 7, "problem": "ValueError: no 7"}]
    assert work_off() == 0


def test_a_task_is_held_as_long_as_its_worker_lives(done):
    enqueue("note")
    first, second = Worker(), Worker()
    held = first._take()
    assert held
    assert not second.work()
    Task.objects.update(held_until=timezone.now() - LEASE)
    assert second.work()
    assert done == [{}]


def test_a_task_of_a_dead_worker_is_taken_up_at_once(done):
    enqueue("note")
    dead, alive = Worker(), Worker()
    dead.name = f"{dead.host} {2**22 + 1} x 0"  # no machine has such a process
    assert dead._take()
    assert alive.work()
    assert done == [{}]


def test_a_job_tells_that_no_worker_takes_it_up(done, sara):
    jobs = [Job.objects.create(kind="note", created_by=sara) for _ in range(2)]
    for job in jobs:
        enqueue("note", job=job.pk)
    assert not jobs[0].is_left_alone
    Task.objects.update(run_at=timezone.now() - ALONE * 2)
    assert jobs[0].is_left_alone
    assert Worker()._take()
    assert [job.is_left_alone for job in jobs] == [False, True]
    Task.objects.update(held_until=timezone.now() - LEASE)
    assert jobs[0].is_left_alone
