"""Transactions that stand in each other's way: the one that the database gives up begins again, a few times."""

import sqlite3
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from django.utils.translation import gettext_lazy as _

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 3
PAUSE = 0.05  # seconds before the second try, twice as many before the third
PATIENCE = 10  # seconds; SQLite has waited by itself for longer than that before it says that it is locked
POSTGRESQL = {"40P01", "40001", "55P03"}  # deadlock, serialization failure, lock not to be had
SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
BUSY = _("Others are working on the same records just now. Wait a moment and try again.")


class DatabaseIsBusy(OperationalError):
    """Others were in the way each time. Nothing was changed, and the same may be tried again."""


def is_contention(error: BaseException) -> bool:
    """Tell whether the database gave a transaction up in favour of others."""
    cause = error.__cause__
    is_busy = getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE  # the rest of the code says where
    return isinstance(error, DatabaseIsBusy) or is_busy or getattr(cause, "pgcode", None) in POSTGRESQL


def begins_again(work: Callable[P, T]) -> Callable[P, T]:
    """Let `work`, which is one whole transaction, be done again if others were in its way. Raises DatabaseIsBusy in the end.

    Inside somebody else's transaction it is theirs to begin again.
    """

    @wraps(work)
    def patient(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return work(*args, **kwargs)
        began, tries = time.monotonic(), 0
        while True:
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if not is_contention(error):
                    raise
                tries += 1
                if tries == TRIES or time.monotonic() - began > PATIENCE:
                    raise DatabaseIsBusy from error
                time.sleep(PAUSE * tries)

    return patient
