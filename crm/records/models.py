"""What a lead becomes: organizations, contacts and opportunities; and the catalogue of campaigns and products."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.records import roles
from crm.records.base import (
    CurrentRecords,
    Mergeable,
    Person,
    Record,
    RecordQuerySet,
    amount,
    long_text,
    merged_index,
    picked,
    text,
    whole_number,
)


class Campaign(models.Model):
    name = models.CharField(_("Name"), max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A product or service that somebody may be interested in."""

    name = models.CharField(_("Name"), max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Organization(Mergeable, Record):
    name = models.CharField(max_length=100)
    website = text(255)
    phone = text(50)
    other_phone = text(50)
    fax = text(50)
    email = text(100)
    secondary_email = text(100)
    industry = picked()
    rating = picked()
    organization_type = picked()
    employees = whole_number()
    annual_revenue = amount()
    ownership = text(50)
    ticker_symbol = text(30)
    sic_code = text(50)
    member_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="members")
    email_opt_out = models.BooleanField(default=False)
    billing_street = text(250)
    billing_po_box = text(30)
    billing_postal_code = text(30)
    billing_city = text(40)
    billing_state = text(40)
    billing_country = text(40)
    shipping_street = text(250)
    shipping_po_box = text(30)
    shipping_postal_code = text(30)
    shipping_city = text(40)
    shipping_state = text(40)
    shipping_country = text(40)
    description = long_text()

    objects = CurrentRecords()
    rows = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        default_manager_name = "objects"
        base_manager_name = "rows"
        indexes = [
            models.Index(
                "assigned_to", models.F("created_at").desc(), models.F("id").desc(), name="organization_owner"
            ),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="organization_newest"),
            models.Index("sort_name", "id", name="organization_name"),
            merged_index("organization_merged"),
        ]

    @property
    def title(self) -> str:
        return self.name or str(_("(no name)"))


class Contact(Person, Mergeable, Record):
    organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    office_phone = text(50)
    mobile = text(50)
    home_phone = text(50)
    other_phone = text(50)
    fax = text(50)
    email = text(100)
    secondary_email = text(100)
    job_title = text(50)
    department = text(50)
    lead_source = picked()
    birthday = models.DateField(null=True, blank=True)
    assistant = text(50)
    assistant_phone = text(50)
    reports_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    email_opt_out = models.BooleanField(default=False)
    do_not_call = models.BooleanField(default=False)
    mailing_street = text(250)
    mailing_po_box = text(30)
    mailing_postal_code = text(30)
    mailing_city = text(40)
    mailing_state = text(40)
    mailing_country = text(40)
    other_street = text(250)
    other_po_box = text(30)
    other_postal_code = text(30)
    other_city = text(40)
    other_state = text(40)
    other_country = text(40)
    description = long_text()

    objects = CurrentRecords()
    rows = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        default_manager_name = "objects"
        base_manager_name = "rows"
        indexes = [
            models.Index("assigned_to", models.F("created_at").desc(), models.F("id").desc(), name="contact_owner"),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="contact_newest"),
            models.Index("sort_name", "id", name="contact_name"),
            merged_index("contact_merged"),
        ]


class Opportunity(Record):
    name = models.CharField(max_length=120)
    organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="opportunities"
    )
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="opportunities")
    amount = amount()
    closing_date = models.DateField()
    sales_stage = models.CharField(max_length=100)
    probability = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    opportunity_type = picked()
    lead_source = picked()
    next_step = text(100)
    campaign = models.ForeignKey(Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    description = long_text()

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes = [
            models.Index(
                "sales_stage",
                "assigned_to",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="opportunity_stage",
            ),
            models.Index("assigned_to", models.F("created_at").desc(), models.F("id").desc(), name="opportunity_owner"),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="opportunity_newest"),
            models.Index("sort_name", "id", name="opportunity_name"),
        ]

    @property
    def title(self) -> str:
        return self.name or str(_("(no name)"))


class OpportunityContact(models.Model):
    """Somebody who takes part in an opportunity, and as what: decides, pays, uses it."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="people")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("Role"), max_length=100, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opportunity", "contact"], name="takes_part_once")]

    def __str__(self) -> str:
        return self.get_role_display()

    def get_role_display(self) -> str:
        return roles.shown(self.role)
