"""What is measured, each in a process of its own: `python -m bench.work NAME …`.

login           a session and a token for the web's clients
fill COUNT      leads as they are after some weeks of work, ready to be converted
record FILE     convert all by the service and write down the statements that read the lead or changed something
service         convert all by the service, one by one; prints the milliseconds of each, by the clock and of the processor
floor FILE      do what `record` wrote down by the bare driver: same rows, same transactions, nothing worked out
"""

import datetime as dt
import json
import logging
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from crm.fields import dictionary
from crm.kit import garbage
from crm.people.models import User
from crm.people.tokens import create_token
from crm.related.models import Activity, Comment, Following, Tag, Tagging
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.accounts import person
from tests.factories import LeadFactory

WARM = 5  # conversions that aren't counted
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}


def fill(count: int) -> None:
    """Leads with all usual fields, two activities, two comments, a tag and a follower each."""
    sara = person("sara", language="fa")
    tag = Tag.objects.create(name="نمایشگاه")
    with transaction.atomic():
        for number in range(count):
            lead = LeadFactory(
                assigned_to=sara, salutation="Mr.", job_title="مدیر خرید", mobile="0912 345 6789", fax="021 8877",
                secondary_email=f"second{number}@example.com", website="www.parsaria.ir", lead_source="Trade Show",
                industry="Manufacturing", rating="Active", annual_revenue=Decimal("74000000000"), employees=210,
                street="خیابان ولیعصر، پلاک ۱۲", postal_code="1435916471", state="تهران", country="ایران",
                description="در نمایشگاه با هم صحبت کردیم.\nپیش‌فاکتور می‌خواهد.",
            )  # fmt: skip
            home = lead.dossiers.get()
            Comment.objects.bulk_create(Comment(dossier=home, body="پیگیری شد", created_by=sara) for _ in range(2))
            Activity.objects.bulk_create(Activity(dossier=home, subject="تماس", assigned_to=sara) for _ in range(2))
            Tagging.objects.create(dossier=home, tag=tag)
            Following.objects.create(dossier=home, user=sara)


def login() -> None:
    """Sign sara in, and make her a token."""
    logging.disable(logging.INFO)
    sara = User.objects.get(username="sara")
    client = Client()
    client.force_login(sara, backend="django.contrib.auth.backends.ModelBackend")
    print(json.dumps({"session": client.cookies["sessionid"].value, "token": create_token(sara), "pks": pks()}))


def pks() -> list[int]:
    return list(Lead.objects.order_by("pk").values_list("pk", flat=True))


def one(pk: int) -> None:
    """As a request does it: the user, their rights and the dictionary of fields are read anew."""
    dictionary.forget()
    convert(pk, Order(parts=ALL), by=User.objects.get(username="sara"))


def record(file: str) -> None:
    """Write down per lead the statement that reads and locks it and those that change something, with their values."""
    kept: list[list[tuple[str, Any]]] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE", 'SELECT "leads_lead"')):
            kept[-1].append((sql, _bare(params)))
        return execute(sql, params, many, context)

    for pk in pks():
        kept.append([])
        with connection.execute_wrapper(wrapper):
            one(pk)
    Path(file).write_bytes(pickle.dumps(kept))


def _bare(params: Any) -> list[Any]:
    """The values as the driver takes them, so that the floor has nothing to work out."""
    return [_value(value) for value in params]


def _value(value: Any) -> Any:
    if hasattr(value, "adapted"):  # JSON on its way to PostgreSQL
        return value.dumps(value.adapted)
    return str(value) if isinstance(value, dt.datetime | dt.date) and connection.vendor == "sqlite" else value


def service() -> None:
    garbage.set_apart(youngest=10_000)  # as the web's workers do
    connection.ensure_connection()
    _tell([lambda pk=pk: one(pk) for pk in pks()])


def floor(file: str) -> None:
    """The bare driver: one transaction per lead, prepared texts and values."""
    todo = pickle.loads(Path(file).read_bytes())
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    begin = "BEGIN"
    if connection.vendor == "sqlite":
        todo = [[(sql.replace("%s", "?"), params) for sql, params in one] for one in todo]
        begin = "BEGIN IMMEDIATE"
    else:
        connection.connection.autocommit = True

    def play(statements: list[tuple[str, Any]]) -> None:
        cursor.execute(begin)
        for sql, params in statements:
            cursor.execute(sql, params)
            if " RETURNING " in sql or sql.startswith("SELECT"):
                cursor.fetchall()
        cursor.execute("COMMIT")

    _tell([lambda one=one: play(one) for one in todo])


def _tell(actions: Sequence[Callable[[], None]]) -> None:
    """Do it all, and print what each took; a few come first, so that both ways are measured warm."""
    took = []
    for action in actions:
        begin, own = time.perf_counter(), time.process_time()
        action()
        took.append(((time.perf_counter() - begin) * 1000, (time.process_time() - own) * 1000))
    took = took[WARM:]
    print(json.dumps({"wall": [wall for wall, _own in took], "cpu": [own for _wall, own in took]}))


if __name__ == "__main__":
    assert not settings.DEBUG
    {"fill": lambda count: fill(int(count)), "login": login, "record": record, "service": service, "floor": floor}[
        sys.argv[1]
    ](*sys.argv[2:])
