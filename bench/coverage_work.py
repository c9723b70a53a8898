"""What `bench.coverage` measures in one place: `python -m bench.coverage_work COUNT`; prints JSON."""

import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.fields import dictionary
from crm.fields.services import create_field
from crm.people.models import User
from crm.related.models import Dossier
from leads.models import Lead
from mapping.born import create_everywhere
from mapping.coverage import unmapped
from mapping.table import current
from tests.accounts import person

FIELDS, CHUNK = 200, 1000
VALUES: dict[str, Any] = {
    "text": "Pars", "integer": 12, "currency": 480_000, "date": "2026-03-21", "checkbox": True, "picklist": "A", "multipicklist": ["A", "B"], "email": "a@example.com",
}  # fmt: skip
PAGES = {
    "settings": "/settings/",
    "lead field mapping": "/settings/modules/leads/mapping/",
    "lead field mapping, being edited": "/settings/modules/leads/mapping/edit/",
    "the same without scripts": "/settings/modules/leads/mapping/edit/?plain=1",
    "fields of leads": "/settings/modules/leads/fields/",
    "layout of leads": "/settings/modules/leads/layout/",
    "picklists of leads": "/settings/modules/leads/picklists/",
    "dashboard": "/",
    "conversion page": "/leads/{lead}/convert/",
}


def make_fields(admin: User) -> dict[str, Any]:
    """Fields of eight types in turn, the first half born mapped; gives what each lead holds in them."""
    held = {}
    for number in range(FIELDS):
        kind = list(VALUES)[number % len(VALUES)]
        definition: dict[str, Any] = {"label_en": f"Field {number}", "kind": kind, "by": admin}
        definition["options"] = ["A", "B"] if kind.endswith("picklist") else ()
        if number < FIELDS // 2:
            create_everywhere("lead", also_on=["contact"], is_mapped=True, **definition)
        else:
            create_field("lead", **definition)
        held[f"cf_field_{number}"] = VALUES[kind]
    return held


def fill(count: int, owner: User, held: dict[str, Any]) -> None:
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    for start in range(0, count, CHUNK):
        made = Lead.objects.bulk_create(
            Lead(
                assigned_to=owner, created_by=owner, modified_by=owner, created_at=now, modified_at=now,
                last_name=f"N{number}", company="Pars", lead_status="Hot", custom=held,
            )
            for number in range(start, min(start + CHUNK, count))
        )  # fmt: skip
        Dossier.objects.bulk_create(Dossier(lead=lead) for lead in made)


def measured(do: Callable[[], Any]) -> tuple[int, float]:
    """Statements, and the median of five times in milliseconds; the dictionary is read anew each time."""
    took = []
    for _again in range(6):
        dictionary.forget()
        begin = time.perf_counter()
        do()
        took.append((time.perf_counter() - begin) * 1000)
    dictionary.forget()
    with CaptureQueriesContext(connection) as statements:
        do()
    return len(statements), statistics.median(took[1:])


def work(count: int) -> None:
    """What one process does in one place; prints what it found as JSON."""
    call_command("collectstatic", interactive=False, verbosity=0)
    admin = person("admin", language="fa")
    fill(count, admin, make_fields(admin))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Client()
    browser.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    lead = Lead.objects.order_by("pk")[0].pk

    def get(address: str) -> None:
        assert browser.get(address, headers={"host": "127.0.0.1"}).status_code == 200

    mapping = current()
    found = {"coverage alone": measured(lambda: unmapped(mapping))}
    for name, address in PAGES.items():
        found[name] = measured(lambda address=address: get(address.format(lead=lead)))
    print(json.dumps(found))


if __name__ == "__main__":
    work(int(sys.argv[1]))
