"""Who may see and do what: the one place that pages, API, conversion and commands ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from crm.people.models import User


def can(user: Any, action: str, model: type[Model]) -> bool:
    """Tell whether the user has Django's permission for this action ("view", "add", "convert" …) on this kind of record."""
    return bool(user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"))


def sees_all(user: Any) -> bool:
    return bool(user.has_perm("people.view_all_records"))


def sees(user: Any, record: Any) -> bool:
    """Whether the user may see a record that was read with its owner; says what `visible_to` would."""
    if not user.is_active or not can(user, "view", type(record)):
        return False
    is_own = sees_all(user) or record.assigned_to_id == user.pk
    return is_own or bool(user.team_id and record.assigned_to.team_id == user.team_id)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Some users and what they may see, read at once, for who has to ask about many users and many records."""

    users: Mapping[int, User]

    def sees(self, user_id: int, record: Any) -> bool:
        """Whether the user may see the record, as `visible_to` would say. The record's owner has to be among the users."""
        user, owner = self.users.get(user_id), self.users.get(record.assigned_to_id)
        if user is None or not user.is_active or not getattr(user, _mark(type(record))):
            return False
        is_own = user_id == record.assigned_to_id
        is_teams = owner is not None and user.team_id is not None and user.team_id == owner.team_id
        return bool(user.sees_all or is_own or is_teams)  # type: ignore[attr-defined]


def sight_of(users: QuerySet[User], models: Iterable[type[Model]]) -> Sight:
    """Read these users with what they may see of these kinds of records, in one statement."""
    rights = {_mark(model): f"{model._meta.app_label}.view_{model._meta.model_name}" for model in models}
    rights["sees_all"] = "people.view_all_records"
    backend = "django.contrib.auth.backends.ModelBackend"
    allowed = {
        mark: Exists(User.objects.with_perm(right, backend=backend).filter(pk=OuterRef("pk")))
        for mark, right in rights.items()
    }
    return Sight(users={user.pk: user for user in users.annotate(**allowed)})


def _mark(model: type[Model]) -> str:
    return f"sees_{model._meta.model_name}"
