"""What must hold of an order before any value is looked at (PRODUCT §4.2, §4.3)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.records import roles as role_list
from crm.records.differing import APPENDABLE
from leads.conversion.errors import Errors
from leads.conversion.order import Order


def fields(order: Order, errors: Errors) -> None:
    """Refuse values, and choices between values, for what is no field of the record or is kept by the system."""
    for key, part in order.parts.items():
        known = registry.module(key).fields
        for name in (*part.values, *part.overwrite, *part.append):
            if name not in known or known[name].read_only:
                errors.setdefault(key, {})[name] = [registry.unknown_field(name)]
            elif name in part.append and known[name].kind not in APPENDABLE:
                errors.setdefault(key, {})[name] = [_("Only a text area or a multi-select can hold both values.")]


def choices(order: Order, errors: Errors) -> None:
    """Refuse an order without organization and contact, and a transfer to a record that isn't made."""
    if not {"organization", "contact"} & set(order.parts):
        message = _("Tick Organization or Contact. A conversion creates at least one of them.")
        errors.setdefault("", {})["parts"] = [message]
    elif order.transfer_to not in (None, "organization", "contact"):
        errors.setdefault("", {})["transfer_to"] = [_("Related records move to the contact or to the organization.")]
    elif order.transfer_to is not None and order.transfer_to not in order.parts:
        message = _("Related records can't move to %(module)s: it isn't ticked.") % {
            "module": registry.module(order.transfer_to).label
        }
        errors.setdefault("", {})["transfer_to"] = [message]


def roles(order: Order, errors: Errors) -> None:
    """Refuse a role that is too long or can't be stored."""
    for place, role in (("role", order.role), *((str(also.lead), also.role) for also in order.also)):
        try:
            role_list.check(role)
        except ValidationError as error:
            errors.setdefault("" if place == "role" else "also", {})[place] = error.messages


def transfer_to(order: Order) -> str:
    """Where the related records go: as ordered, else to the contact, else to the organization."""
    return order.transfer_to or ("contact" if "contact" in order.parts else "organization")
