"""Conversions that a real Vtiger made, and how its field names read in ours."""

import html
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"

LEAD = {
    "salutationtype": "salutation", "firstname": "first_name", "lastname": "last_name", "company": "company",
    "designation": "job_title", "phone": "phone", "mobile": "mobile", "fax": "fax", "email": "email",
    "secondaryemail": "secondary_email", "website": "website", "leadsource": "lead_source", "leadstatus": "lead_status",
    "industry": "industry", "rating": "rating", "annualrevenue": "annual_revenue", "noofemployees": "employees",
    "emailoptout": "email_opt_out", "lane": "street", "pobox": "po_box", "code": "postal_code", "city": "city",
    "state": "state", "country": "country", "description": "description",
}  # fmt: skip
ORGANIZATION = {
    "accountname": "name", "phone": "phone", "website": "website", "fax": "fax", "email1": "email", "employees": "employees",
    "rating": "rating", "industry": "industry", "annual_revenue": "annual_revenue", "description": "description",
    **{f"{short}_{theirs}": f"{ours}_{field}" for short, ours in (("bill", "billing"), ("ship", "shipping")) for theirs, field in (
        ("street", "street"), ("city", "city"), ("state", "state"), ("code", "postal_code"), ("country", "country"), ("pobox", "po_box"))},
}  # fmt: skip
CONTACT = {
    "salutationtype": "salutation", "firstname": "first_name", "lastname": "last_name", "phone": "office_phone", "mobile": "mobile",
    "fax": "fax", "email": "email", "secondaryemail": "secondary_email", "title": "job_title", "leadsource": "lead_source",
    "mailingstreet": "mailing_street", "mailingcity": "mailing_city", "mailingstate": "mailing_state",
    "mailingzip": "mailing_postal_code", "mailingcountry": "mailing_country", "mailingpobox": "mailing_po_box",
    "description": "description",
}  # fmt: skip
OPPORTUNITY = {
    "potentialname": "name", "amount": "amount", "closingdate": "closing_date", "sales_stage": "sales_stage",
    "leadsource": "lead_source", "description": "description",
}  # fmt: skip
FIELDS = {"organization": ORGANIZATION, "contact": CONTACT, "opportunity": OPPORTUNITY}
MODULES = {"Accounts": "organization", "Contacts": "contact", "Potentials": "opportunity"}
NUMBERS = {"annual_revenue", "employees", "amount"}


def load() -> list[dict[str, Any]]:
    """All 48 conversions."""
    data = json.loads((DATA / "expected-a.json").read_text())
    found: list[dict[str, Any]] = data["conversions"] + data["extra"]
    return found


def plain(value: Any, field: str) -> str:
    """A value in one writing: Vtiger's HTML entities undone, line breaks alike, numbers without trailing zeros, zero as empty."""
    text = html.unescape(html.unescape(str(value if value is not None else ""))).replace("\r\n", "\n")
    if field in NUMBERS:
        number = Decimal(text or 0)
        return format(number.normalize(), "f") if number else ""
    return text
