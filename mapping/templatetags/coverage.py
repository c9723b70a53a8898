"""How much of the lead the mapping carries, for the tabs and cards of the settings."""

from django import template

from mapping.coverage import Reach, reach
from mapping.table import current

register = template.Library()


@register.simple_tag
def lead_reach() -> Reach:
    """How many lead fields reach a target, and of how many; one statement."""
    return reach(current())
