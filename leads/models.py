"""Leads and what became of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.records.base import (
    Mergeable,
    Person,
    Record,
    RecordIsLocked,
    RecordQuerySet,
    amount,
    long_text,
    merged_index,
    picked,
    text,
    whole_number,
)
from crm.records.models import Contact, Opportunity, Organization


class LeadQuerySet(RecordQuerySet):
    def open(self) -> "LeadQuerySet":
        return self.filter(converted_at=None, merged_into=None)


class OpenLeads(models.Manager.from_queryset(LeadQuerySet)):  # type: ignore[misc]
    """Shows open leads only: a converted lead is in no list, search, export, report or API (PRODUCT §1.6)."""

    def get_queryset(self) -> LeadQuerySet:
        return super().get_queryset().open()  # type: ignore[no-any-return]


class LeadsThatWere(models.Manager.from_queryset(LeadQuerySet)):  # type: ignore[misc]
    """Open and converted leads; those that were merged into others are among the latter."""

    def get_queryset(self) -> LeadQuerySet:
        return super().get_queryset().filter(merged_into=None)  # type: ignore[no-any-return]


class Lead(Person, Mergeable, Record):
    company = text(100)
    job_title = text(50)
    phone = text(50)
    mobile = text(50)
    fax = text(50)
    email = text(100)
    secondary_email = text(100)
    website = text(255)
    lead_source = picked()
    lead_status = picked()
    industry = picked()
    rating = picked()
    annual_revenue = amount()
    employees = whole_number()
    email_opt_out = models.BooleanField(default=False)
    street = text(250)
    po_box = text(30)
    postal_code = text(30)
    city = text(40)
    state = text(40)
    country = text(40)
    description = long_text()
    converted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OpenLeads()
    everything = LeadsThatWere()
    rows = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        default_manager_name = "objects"
        base_manager_name = "rows"
        permissions = [
            ("convert_lead", _("Can convert leads")),
            ("view_converted_lead", _("Can view converted leads")),
            ("import_leads", _("Can import leads")),
        ]
        indexes = [
            models.Index(
                "lead_status",
                "assigned_to",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="lead_status_owner",
            ),
            models.Index("assigned_to", models.F("created_at").desc(), models.F("id").desc(), name="lead_owner"),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="lead_newest"),
            models.Index("sort_name", "id", name="lead_name"),
            merged_index("lead_merged"),
            models.Index("email", name="lead_email"),
        ]

    @property
    def is_locked(self) -> bool:
        return self.converted_at is not None or self.is_merged

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save an open lead; the first of the lock's three rings."""
        if self.is_locked:
            raise RecordIsLocked(self)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        if self.is_locked:
            raise RecordIsLocked(self)
        return super().delete(*args, **kwargs)


class ConversionIsFinal(Exception):
    """A conversion is never changed and never deleted."""


class ConversionQuerySet(models.QuerySet["Conversion"]):
    def visible_to(self, user: Any) -> "ConversionQuerySet":
        """Keep the conversions of which the user may see a resulting record."""
        if not user.has_perm("leads.view_conversion"):
            return self.none()
        organizations, contacts = Organization.objects.visible_to(user), Contact.objects.visible_to(user)
        return self.filter(
            models.Q(organization__in=organizations)
            | models.Q(organization__merged_into__in=organizations)
            | models.Q(contact__in=contacts)
            | models.Q(contact__merged_into__in=contacts)
            | models.Q(opportunity__in=Opportunity.objects.visible_to(user))
        )

    def delete(self) -> Any:
        raise ConversionIsFinal

    def update(self, **kwargs: Any) -> int:
        raise ConversionIsFinal


class Conversion(models.Model):
    """The receipt: who turned which lead into what, when, by which mapping, and everything that was known about it."""

    lead = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="conversion")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="conversions")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="conversions")
    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, null=True, related_name="conversions")
    converted_at = models.DateTimeField()
    converted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    transfer_to = models.CharField(
        max_length=12, choices=[("contact", _("Contact")), ("organization", _("Organization"))]
    )
    mapping_revision = models.PositiveIntegerField()
    snapshot = models.JSONField()  # every field of the lead by key, as the API writes it; custom values under "custom"
    # {"contact": {"last_name": {"lead": "last_name", "row": 4, "how": "mapped"}}}; how: mapped, typed, default, sent; of a record
    # that was there: filled, replaced (with the "old" value), appended, kept (with the "value" that it did not take)
    provenance = models.JSONField()
    kept_in_note = models.JSONField(default=list)  # lead field keys
    left_behind = models.JSONField(default=list)  # lead field keys
    sent_elsewhere = models.JSONField(default=dict)  # {"cf_brand": ["contact", "department"]}
    existing = models.JSONField(default=list)  # the modules whose record was there before and was filled
    together_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="brought")
    moved = models.JSONField(default=dict)  # {"activities": 4}
    note = models.PositiveBigIntegerField(null=True)  # the comment that holds what was kept in a note
    idempotency_key = models.CharField(max_length=200, blank=True, default="")
    order_digest = models.CharField(max_length=64, blank=True, default="")  # of what came with that key
    previous_digest = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=64)

    is_final = True  # what it names stays named, even after a merge
    has_followers = True  # of the lead: in memory only, where the service that writes the row knows better

    objects = ConversionQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversion")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organization__isnull=False) | models.Q(contact__isnull=False),
                name="conversion_has_an_organization_or_a_contact",
            )
        ]
        indexes = [models.Index(models.F("converted_at").desc(), models.F("id").desc(), name="conversion_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"CV-{self.pk:06d}" if self.pk else ""

    @property
    def lead_name(self) -> str:
        """The name that the lead had, from the snapshot."""
        return f"{self.snapshot.get('first_name', '')} {self.snapshot.get('last_name', '')}".strip()

    def get_absolute_url(self) -> str:
        return f"/conversions/{self.pk}/"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ConversionIsFinal
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise ConversionIsFinal


class ConversionPreferences(models.Model):
    """How conversions begin and who hears of them. Each change adds a row, with who and when; the newest is in force."""

    class Unmapped(models.TextChoices):
        NOTE = "note", _("Keep in a note")
        ASK = "ask", _("Ask for a decision for each")

    opportunity_ticked = models.BooleanField(_("Opportunity is ticked from the start"), default=False)
    closing_days = models.PositiveSmallIntegerField(null=True)  # None = CLOSING_DAYS of the environment
    first_stage = models.CharField(max_length=100, blank=True, default="")  # "" = the first of the list
    unmapped = models.CharField(max_length=4, choices=Unmapped, default=Unmapped.NOTE)
    notify_lead_owner = models.BooleanField(_("The lead's owner"), default=True)
    notify_new_owners = models.BooleanField(_("The owners of the new records"), default=True)
    notify_followers = models.BooleanField(_("Those who follow the lead"), default=True)
    notify_managers = models.BooleanField(_("The sales managers of the owners' teams"), default=False)
    notify_users = models.JSONField(default=list)  # primary keys of users who hear of every conversion
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    webhooks: tuple[int, ...] = ()  # the active ones, once `preferences.current` has read them

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unmapped__in=["note", "ask"]), name="unmapped_is_kept_or_asked_for"
            )
        ]

    def __str__(self) -> str:
        return f"{self.saved_at:%Y-%m-%d %H:%M}"

    @property
    def days_to_close(self) -> int:
        """Days from a conversion until its opportunity's closing date."""
        return settings.CLOSING_DAYS if self.closing_days is None else self.closing_days
