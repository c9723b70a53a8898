"""Links and forms of a record's pages that keep the list from which the record was opened. A builtin: no {% load %} is needed."""

from typing import Any

from django import template
from django.urls import reverse

from crm.pages.trail import carry

register = template.Library()


@register.simple_tag(takes_context=True)
def carried(context: template.Context, address: str) -> str:
    """An address, with the list along."""
    return carry(context["request"], address)


@register.simple_tag(takes_context=True)
def carried_url(context: template.Context, name: str, *arguments: Any) -> str:
    """The address of a page by its name, with the list along."""
    return carry(context["request"], reverse(name, args=arguments))
