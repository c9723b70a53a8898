"""Changing who may sign in, in which role and which team."""

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.people import roles
from crm.people.models import Team, User


def save_user(user: User, *, role: Group | None, password: str = "", by: Any) -> User:
    """Save a user with their role; a new password ends their sessions elsewhere, and so does switching them off.

    Raises ValidationError where nobody would be left to administer the product.
    """
    if not by.has_perm("people.change_user"):
        raise PermissionDenied
    with transaction.atomic():
        if password:
            user.set_password(password)
        elif not user.pk:
            user.set_unusable_password()
        user.save()
        user.groups.set([role] if role else [])
        if not User.objects.filter(is_active=True, groups__name=roles.ADMINISTRATORS).exists():
            raise ValidationError(_("Somebody must remain an active administrator."))
    if not user.is_active:
        end_sessions(user)
    return user


def end_sessions(user: User) -> None:
    """Sign a user out everywhere."""
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def delete_team(team: Team, *, by: Any) -> None:
    """Delete a team that nobody belongs to. Raises ValidationError if somebody does."""
    if not by.has_perm("people.delete_team"):
        raise PermissionDenied
    if team.members.exists():
        raise ValidationError(_("This team has members. Move them to another team first."))
    team.delete()
