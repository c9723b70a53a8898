"""Short ways to write down standard fields: one line per field, as PRODUCT §2 lists them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.fields import kinds
from crm.fields.registry import Field, Text


def text(key: str, label: Text, length: int, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.TEXT, length=length, **more)


def textarea(key: str, label: Text, length: int | None = None, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.TEXTAREA, length=length, **more)


def phone(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.PHONE, length=50, **more)


def email(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.EMAIL, length=100, **more)


def url(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.URL, length=255, **more)


def picklist(key: str, label: Text, list_key: str = "", **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.PICKLIST, length=100, picklist=list_key or key, **more)


def integer(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.INTEGER, **more)


def currency(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.CURRENCY, digits=25, places=5, **more)


def percent(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.PERCENT, digits=5, places=2, **more)


def date(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.DATE, **more)


def checkbox(key: str, label: Text, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.CHECKBOX, default=False, **more)


def link(key: str, label: Text, to: str, **more: Any) -> Field:
    return Field(key=key, label=label, kind=kinds.LINK, to=to, **more)


def owner() -> Field:
    return Field(key="assigned_to", label=_("Assigned to"), kind=kinds.USER, required=True, to="user")


def kept_by_the_system() -> tuple[Field, ...]:
    """When and by whom a record was made and last changed."""
    return (
        Field(key="created_at", label=_("Created time"), kind=kinds.DATETIME, read_only=True, block="system"),
        Field(key="created_by", label=_("Created by"), kind=kinds.USER, to="user", read_only=True, block="system"),
        Field(key="modified_at", label=_("Modified time"), kind=kinds.DATETIME, read_only=True, block="system"),
        Field(key="modified_by", label=_("Modified by"), kind=kinds.USER, to="user", read_only=True, block="system"),
    )


def address(prefix: str, block: str, labels: dict[str, Text]) -> tuple[Field, ...]:
    """The six fields of an address: street(250), PO box(30), postal code(30), city, state and country(40)."""
    lengths = {"po_box": 30, "postal_code": 30, "city": 40, "state": 40, "country": 40}
    street = textarea(f"{prefix}street", labels["street"], 250, block=block)
    return (street, *(text(f"{prefix}{key}", labels[key], length, block=block) for key, length in lengths.items()))


BLOCKS: dict[str, Text] = {
    "details": _("Details"),
    "address": _("Address"),
    "billing": _("Billing address"),
    "shipping": _("Shipping address"),
    "mailing": _("Mailing address"),
    "other": _("Other address"),
    "description": _("Description"),
    "custom": _("Custom fields"),
    "system": _("System"),
}
