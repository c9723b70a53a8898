"""Who may see and do what: the one place that pages, API, conversion and commands ask."""

from typing import Any, Self

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from crm.people.models import User


def can(user: Any, action: str, model: type[Model]) -> bool:
    """Tell whether the user has Django's permission for this action ("view", "add", "convert" …) on this kind of record."""
    return bool(user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"))


def sees_all(user: Any) -> bool:
    return bool(user.has_perm("people.view_all_records"))


class VisibleQuerySet(QuerySet[Any]):
    """Records that know who may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep what the user may see: everything for managers, else their own records and their team's."""
        if not user.is_active or not can(user, "view", self.model):
            return self.none()
        return self if sees_all(user) else self.filter(own(user))


def own(user: User, owner: str = "assigned_to") -> Q:
    """The condition for records of the user or of the user's team."""
    mine = Q(**{owner: user.pk})
    return mine | Q(**{f"{owner}__team": user.team_id}) if user.team_id else mine


def record_or_404(records: VisibleQuerySet, pk: int, user: Any, permission: str) -> Any:
    """Fetch a record: Http404 if the user may not see it, PermissionDenied if they may see it but not do this to it."""
    record = records.visible_to(user).filter(pk=pk).first()
    if record is None:
        raise Http404
    if not user.has_perm(permission):
        raise PermissionDenied
    return record
