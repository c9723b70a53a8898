"""The options whose meaning the product rests on: ready leads, closed opportunities, and the stage that conversions begin in."""

from django.utils.translation import gettext as _

from leads.dashboard.numbers import CLOSED, READY
from leads.models import ConversionPreferences


def keeps_option(list_key: str, value: str) -> list[str]:
    """Why the option can't be retired, and what to do instead."""
    if list_key == "lead_status" and value == READY:
        return [_("Leads in it count as ready to be converted. Rename it instead.")]
    if list_key != "sales_stage":
        return []
    if value in CLOSED:
        return [_("Opportunities in it count as closed. Rename it instead.")]
    newest = ConversionPreferences.objects.first()
    if newest and newest.first_stage == value:
        return [_("Conversions begin opportunities in it. Choose another stage in the conversion settings first.")]
    return []
