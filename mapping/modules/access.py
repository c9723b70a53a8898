"""Finding the module and the field that a settings page is about; administrators only."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from crm.fields import registry
from crm.fields.models import CustomField
from crm.fields.registry import Field, Module


def module_for(request: HttpRequest, slug: str) -> Module:
    """The module at this slug. Http404 if there is none, PermissionDenied for all but administrators."""
    if not request.user.has_perm("fields.change_customfield"):
        raise PermissionDenied
    for module in registry.modules():
        if module.slug == slug:
            return module
    raise Http404


def field_for(request: HttpRequest, slug: str, key: str) -> tuple[Module, Field]:
    """A field in use of the module; Http404 if there is none, or the system keeps it."""
    module = module_for(request, slug)
    field = module.fields.get(key)
    if field is None or field.read_only:
        raise Http404
    return module, field


def custom_field_for(request: HttpRequest, slug: str, key: str) -> tuple[Module, CustomField]:
    """A custom field of the module, retired or not."""
    module = module_for(request, slug)
    field = CustomField.objects.filter(module=module.key, key=key).first()
    if field is None:
        raise Http404
    return module, field
