"""Whom a record may belong to."""

from typing import Any

from django.db.models import QuerySet

from crm.kit.prepared import Prepared
from crm.people.models import User


def owners() -> list[tuple[int, str]]:
    """The active users, by primary key and name, as a select offers them."""
    return [(pk, f"{first} {last}".strip() or username) for pk, first, last, username in _ACTIVE.rows()]


def _active() -> QuerySet[User, Any]:
    names = ("first_name", "last_name", "username")
    return User.objects.filter(is_active=True).order_by(*names).values_list("pk", *names)


_ACTIVE = Prepared(_active)
