"""Keeping views of lists and the columns that a user wants."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.kit.text import clean, is_blank, refuse_unstorable
from crm.lists.models import SavedView
from crm.lists.selection import State

MAX_VIEWS = 50


class NameTaken(ValidationError):
    """The user has a view of this name already."""


def save_view(
    module: str, state: State, *, by: Any, name: str, is_shared: bool = False, view: SavedView | None = None
) -> SavedView:
    """Keep a new view, or change the name and the reach of one. Raises ValidationError, PermissionDenied."""
    refuse_unstorable(name)
    name = "" if is_blank(name) else clean(name).strip()
    if not name:
        raise ValidationError(_("Give the view a name."))
    if len(name) > 60:
        raise ValidationError(_("Give the view a name of at most 60 characters."))
    if is_shared and not by.has_perm("lists.share_savedview"):
        raise PermissionDenied
    if view is None:
        if SavedView.objects.filter(owner=by.pk, module=module).count() > MAX_VIEWS:
            raise ValidationError(_("You have too many views. Delete one first."))
        view = SavedView(owner_id=by.pk, module=module)
    view.name, view.is_shared, view.state = name, is_shared, state
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise NameTaken(_("You have a view of this name already. Choose another name.")) from None
    return view


def keep_columns(module: str, columns: list[str], *, by: Any) -> None:
    """Remember the columns that the user wants in the ready-made views; none of them means the module's own again."""
    SavedView.objects.update_or_create(owner_id=by.pk, module=module, name="", defaults={"state": {"col": columns}})
