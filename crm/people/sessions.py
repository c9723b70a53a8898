"""Django's own sessions in the database, read by a statement that is put together once."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone

from crm.kit.prepared import Prepared, Slot


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        """Whether it can be one that was given out; a cookie may hold anything, and PostgreSQL takes no NUL."""
        return bool(super()._validate_session_key(key) and key.isascii() and key.isalnum())  # type: ignore[misc]

    def _get_session_from_db(self) -> Session | None:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        found = _FOUND.records(key=self.session_key, now=now)
        if not found:
            self._session_key = None  # a session that has ended is not begun again under its old key
        return found[0] if found else None


def _found() -> QuerySet[Session, Any]:
    return Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now", DateTimeField()))


_FOUND = Prepared(_found)
