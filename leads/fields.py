"""The standard fields of leads (PRODUCT §2). Sizes are chosen so that every default mapping row fits its target."""

from django.utils.translation import gettext_lazy as _

from crm.fields.registry import Module
from crm.fields.standard import (
    BLOCKS,
    address,
    checkbox,
    currency,
    email,
    integer,
    kept_by_the_system,
    owner,
    phone,
    picklist,
    text,
    textarea,
    url,
)

LEAD = Module(
    key="lead",
    slug="leads",
    label=_("Lead"),
    label_plural=_("Leads"),
    new_label=_("New lead"),
    model_name="leads.Lead",
    icon="bullseye",
    colour="lead",
    prefix="LEA",
    blocks=BLOCKS,
    key_fields=("phone", "email", "annual_revenue", "lead_source", "assigned_to", "created_at"),
    columns=("name", "lead_status", "rating", "phone", "lead_source", "assigned_to", "created_at"),
    status_field="lead_status",
    extra={"order": 1, "counts_mine": True},
    standard=(
        picklist("salutation", _("Salutation")),
        text("first_name", _("First name"), 40),
        text("last_name", _("Last name"), 80, required=True),
        text("company", _("Company"), 100),
        text("job_title", _("Job title"), 50),
        phone("phone", _("Phone")),
        phone("mobile", _("Mobile phone")),
        phone("fax", _("Fax")),
        email("email", _("Email")),
        email("secondary_email", _("Secondary email")),
        url("website", _("Website")),
        picklist("lead_source", _("Lead source")),
        picklist("lead_status", _("Lead status")),
        picklist("industry", _("Industry")),
        picklist("rating", _("Rating")),
        currency("annual_revenue", _("Annual revenue")),
        integer("employees", _("Number of employees")),
        checkbox("email_opt_out", _("Email opt-out")),
        owner(),
        *address("", "address", {
            "street": _("Street"), "po_box": _("PO box"), "postal_code": _("Postal code"),
            "city": _("City"), "state": _("State"), "country": _("Country"),
        }),
        textarea("description", _("Description"), block="description"),
        *kept_by_the_system(),
    ),
)  # fmt: skip
