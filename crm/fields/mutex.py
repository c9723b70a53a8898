"""One change of the dictionary at a time, so that no two administrators can break together what neither breaks alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from crm.fields import dictionary

LOCK = 0x7461_6264  # any number that is the same in every process


@contextmanager
def changing() -> Iterator[None]:
    """A transaction that waits for every other change of fields, options and mapping; afterwards all is read anew.

    SQLite lets one writer in at a time by itself (its transactions begin IMMEDIATE).
    """
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            dictionary.forget()
            yield
    finally:
        dictionary.forget()
