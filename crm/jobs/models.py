"""Work that happens after the answer: tasks that a worker does, and jobs that people follow."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ALONE = dt.timedelta(seconds=30)  # how long work waits for a worker until people are told


class Task(models.Model):
    """Something that a worker has to do, now or later. The row is deleted when it is done.

    A worker holds it for a while and prolongs that as long as it lives; whoever finds it abandoned takes it up.
    """

    name = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    run_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    holder = models.CharField(max_length=200, blank=True, default="")
    held_until = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, default="")  # why the last attempt failed

    class Meta:
        indexes = [models.Index(fields=["run_at", "id"], condition=models.Q(given_up_at=None), name="task_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class Job(models.Model):
    """Long work of one person, on many records one after the other; it can be watched, paused and cancelled."""

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Ready to start")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    options = models.JSONField(default=dict)  # what was ordered; its kind knows how to read it
    language = models.CharField(max_length=2, default="fa")  # in which the notes and reasons are written
    problem = models.TextField(blank=True, default="")  # why it failed

    class Meta:
        indexes = [models.Index(fields=["created_by", "-created_at"], name="job_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.pk}/"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.FINISHED, self.State.FAILED, self.State.CANCELLED)

    @property
    def is_left_alone(self) -> bool:
        """Whether it has waited for a worker for a while: none runs, or all are busy."""
        now = timezone.now()
        free = models.Q(held_until=None) | models.Q(held_until__lt=now)
        waiting = Task.objects.filter(free, given_up_at=None, run_at__lt=now - ALONE)
        return waiting.filter(arguments__job=self.pk).exists()


class Item(models.Model):
    """One record of a job and what became of it; `outcome` is empty as long as nothing did."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    record = models.PositiveBigIntegerField()  # its primary key: no foreign key, so that the record can go its way
    verdict = models.CharField(max_length=10, blank=True, default="")  # of the check before the start
    choice = models.JSONField(default=dict)  # what the user decided for this record
    outcome = models.CharField(max_length=12, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "record"], name="once_per_job")]
        indexes = [
            models.Index(fields=["job", "outcome", "id"], name="item_outcome"),
            models.Index(fields=["job", "verdict", "id"], name="item_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.record}"
