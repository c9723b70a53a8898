"""What hangs on a record: activities, comments, e-mails, documents, campaigns, products, tags, followers and its history.

Everything hangs on a dossier (پرونده), and a dossier is held by exactly one record. A conversion hands the lead's dossier
over: one UPDATE of one row, whatever hangs on it.
"""

import uuid
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.records.base import text
from crm.records.models import Campaign, Product

HOLDERS = ("lead", "organization", "contact", "opportunity")


class Dossier(models.Model):
    """The folder of one record. `is_home` marks the one made with its record; others were handed over to it."""

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, null=True, blank=True, related_name="dossiers")
    organization = models.ForeignKey(
        "records.Organization", on_delete=models.CASCADE, null=True, blank=True, related_name="dossiers"
    )
    contact = models.ForeignKey(
        "records.Contact", on_delete=models.CASCADE, null=True, blank=True, related_name="dossiers"
    )
    opportunity = models.ForeignKey(
        "records.Opportunity", on_delete=models.CASCADE, null=True, blank=True, related_name="dossiers"
    )
    is_home = models.BooleanField(default=True)
    came_from = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, null=True, blank=True, related_name="handed_over_dossiers"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    *(models.Q(**{f"{other}__isnull": other != holder for other in HOLDERS}) for holder in HOLDERS),
                    _connector=models.Q.OR,
                ),
                name="dossier_has_one_holder",
            ),
            *(
                models.UniqueConstraint(
                    fields=[holder], condition=models.Q(is_home=True), name=f"one_home_per_{holder}"
                )
                for holder in HOLDERS
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Dossier')} {self.pk}"

    @property
    def holder_key(self) -> str:
        """The module of the record that holds the dossier."""
        return next(name for name in HOLDERS if getattr(self, f"{name}_id"))

    @property
    def holder_id(self) -> int:
        """The primary key of the record that holds the dossier."""
        pk: int = getattr(self, f"{self.holder_key}_id")
        return pk

    @property
    def holder(self) -> Any:
        """The record that holds the dossier."""
        return getattr(self, self.holder_key)


class Related(models.Model):
    """Base of what hangs on a dossier."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        abstract = True


class Activity(Related):
    """A task, a call or a meeting."""

    class Kind(models.TextChoices):
        TASK = "task", _("Task")
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.TASK)
    subject = models.CharField(_("Subject"), max_length=250)
    starts_at = models.DateTimeField(_("Start"), null=True, blank=True)
    ends_at = models.DateTimeField(_("End"), null=True, blank=True)
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    status = models.CharField(_("Status"), max_length=10, choices=Status, default=Status.PLANNED)
    priority = models.CharField(_("Priority"), max_length=10, choices=Priority, default=Priority.MEDIUM)
    location = models.CharField(_("Location"), max_length=250, blank=True)
    description = models.TextField(_("Description"), blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activities", verbose_name=_("Assigned to")
    )

    class Meta:
        indexes = [
            models.Index(fields=["dossier", "-created_at"], name="activity_dossier"),
            models.Index(fields=["assigned_to", "status", "due_at"], name="activity_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None)
                | models.Q(starts_at=None)
                | models.Q(ends_at__gte=models.F("starts_at")),
                name="activity_ends_after_its_start",
            )
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def when(self) -> Any:
        """The time under which the timeline shows it."""
        return self.due_at or self.starts_at or self.created_at


class Comment(Related):
    body = models.TextField(_("Note"))

    class Meta:
        indexes = [models.Index(fields=["dossier", "-created_at"], name="comment_dossier")]

    def __str__(self) -> str:
        return self.body[:60]


class Email(Related):
    """An e-mail that was sent or received, logged by hand."""

    class Direction(models.TextChoices):
        SENT = "sent", _("Sent")
        RECEIVED = "received", _("Received")

    direction = models.CharField(_("Direction"), max_length=10, choices=Direction, default=Direction.SENT)
    subject = models.CharField(_("Subject"), max_length=250)
    sender = models.EmailField(_("From"), max_length=100, blank=True)
    recipients = models.CharField(_("To"), max_length=500, blank=True)
    body = models.TextField(_("Message"), blank=True)
    sent_at = models.DateTimeField(_("Time"), default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["dossier", "-sent_at"], name="email_dossier")]

    def __str__(self) -> str:
        return self.subject


def generated_name(document: "Document", original: str) -> str:
    """Name the stored file by chance, so that nothing of what the user typed reaches the file system."""
    return f"{timezone.now():%Y/%m}/{uuid.uuid4().hex}{PurePath(original).suffix.lower()[:10]}"


class Document(Related):
    """An uploaded file with the name it had at its owner's."""

    title = models.CharField(_("Title"), max_length=200)
    file = models.FileField(_("File"), upload_to=generated_name, max_length=100)
    file_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["dossier", "-created_at"], name="document_dossier")]

    def __str__(self) -> str:
        return self.title


class CampaignMembership(Related):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="memberships")
    status = text(50)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "campaign"], name="one_membership_per_campaign")]

    def __str__(self) -> str:
        return str(self.campaign)


class ProductInterest(Related):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="interests")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "product"], name="one_interest_per_product")]

    def __str__(self) -> str:
        return str(self.product)


class Tag(models.Model):
    name = models.CharField(_("Name"), max_length=50, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a record: it sits on the record's home dossier and is carried to every record a conversion makes."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "tag"], name="tagged_once")]

    def __str__(self) -> str:
        return str(self.tag)


class Following(models.Model):
    """A user who wants to hear of a record; carried like a tag."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="followings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "user"], name="followed_once")]

    def __str__(self) -> str:
        return str(self.user)


class Change(models.Model):
    """A line of a record's history: which fields had which value before and after, as the API writes them."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    changes = models.JSONField()  # {"lead_status": ["Cold", "Hot"]}

    class Meta:
        indexes = [models.Index(fields=["dossier", "-at"], name="change_dossier")]

    def __str__(self) -> str:
        return ", ".join(self.changes)


KINDS: tuple[type[Related], ...] = (Activity, Email, Document, Comment, CampaignMembership, ProductInterest)
