"""The table that a new installation starts with (PRODUCT §3)."""

from typing import Any

from django.apps import apps
from django.utils import timezone

from mapping.rows import Row

ROWS: tuple[Row, ...] = (
    Row(lead="company", organization="name", opportunity="organization", locked=True),
    Row(lead="email", organization="email", contact="email", locked=True),
    Row(lead="first_name", contact="first_name", locked=True),
    Row(lead="last_name", contact="last_name", locked=True),
    Row(lead="salutation", contact="salutation"),
    Row(lead="job_title", contact="job_title"),
    Row(lead="secondary_email", contact="secondary_email"),
    Row(lead="phone", organization="phone", contact="office_phone"),
    Row(lead="mobile", contact="mobile"),
    Row(lead="fax", organization="fax", contact="fax"),
    Row(lead="website", organization="website"),
    Row(lead="industry", organization="industry"),
    Row(lead="rating", organization="rating"),
    Row(lead="annual_revenue", organization="annual_revenue"),
    Row(lead="employees", organization="employees"),
    Row(lead="lead_source", contact="lead_source", opportunity="lead_source"),
    Row(lead="description", organization="description", contact="description", opportunity="description"),
    Row(lead="email_opt_out", organization="email_opt_out", contact="email_opt_out"),
    *(
        Row(lead=key, organization=f"{prefix}_{key}", contact=f"mailing_{key}" if prefix == "billing" else None)
        for key in ("street", "po_box", "postal_code", "city", "state", "country")
        for prefix in ("billing", "shipping")
    ),
)


def install_defaults(**_signal: Any) -> None:
    """Put the default table in place where no table was ever saved."""
    revision, link = apps.get_model("mapping.Revision"), apps.get_model("mapping.Link")
    if revision.objects.exists():
        return
    revision.objects.create(number=1, saved_at=timezone.now(), saved_by=None, rows=[row.as_dict() for row in ROWS])
    link.objects.bulk_create(
        link(row=number, source=row.lead, module=module, target=target, is_locked=row.locked)
        for number, row in enumerate(ROWS)
        for module, target in row.targets().items()
    )
