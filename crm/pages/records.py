"""Finding the record a page is about, and what of it depends on who looks."""

from functools import cache
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kinds import LINK, USER
from crm.people.seen import Seen
from crm.records.base import Record
from crm.related import merging


class Elsewhere(Exception):
    """The record is not here, and `response` says where it went: the notice of a converted lead."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        super().__init__()


def module_or_404(slug: str) -> registry.Module:
    """The module whose pages are at this slug."""
    for module in registry.modules():
        if module.slug == slug:
            return module
    raise Http404


def find(request: HttpRequest, slug: str, pk: int, action: str) -> Any:
    """Fetch a record with its owner and links, for `action` ("view", "change" …).

    Http404 if the user may not see it, PermissionDenied if they may not do this, Elsewhere if its module knows where it went.
    """
    module = module_or_404(slug)
    record = next(iter(_with_links(module.key).records(module.model, request.user, [pk])), None)
    if record is None:
        raise Elsewhere(where_it_went(module, request, pk))
    if not request.user.has_perm(module.permission(action)):
        raise PermissionDenied
    return record


@cache
def _with_links(key: str) -> Seen:
    """Records of this module by primary key, together with their owner and links."""
    links = [name for field in registry.module(key).standard for name in field.relations]
    return Seen(lambda records, keys: records.filter(pk__in=keys).select_related(*links))


def where_it_went(module: registry.Module, request: HttpRequest, pk: int) -> HttpResponse:
    """Where a merged record leads, else what a module says of a record that is not among its open ones; Http404 if nothing."""
    if (target := merging.forwarding(module.model, pk, request.user)) is not None:
        number = f"{module.prefix}{pk}"
        messages.info(request, _("%(number)s was merged into this record.") % {"number": number})
        return redirect(target)
    if "missing" not in module.extra:
        raise Http404
    response: HttpResponse = import_string(module.extra["missing"])(request, pk)
    return response


def linked(record: Record, field: registry.Field) -> Any:
    """The user or record that a field points at, or None."""
    return getattr(record, field.key) if field.kind in (LINK, USER) else None
