"""What `bench.lists` measures in one place: `python -m bench.list_work COUNT`; prints JSON."""

import datetime as dt
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection
from django.http import QueryDict

from crm.fields import registry
from crm.fields.indexes import index_field
from crm.fields.models import CustomField
from crm.fields.services import create_field
from crm.lists import paging
from crm.lists.paging import page
from crm.lists.selection import Selection
from crm.people.models import User
from leads.models import Lead
from tests.accounts import person

CHUNK = 5000
ADDRESSES = {
    "budget at least 990 million, newest first": "f=cf_budget:gte:990000000",
    "budget equals one value": "f=cf_budget:is:500000",
    "one option of the multi-select": "f=cf_interest:any:Telephony",
    "text contains a word": "f=cf_brand:contains:brand 77",
    "decision date this month": "f=cf_day:this_month:",
    "sorted by budget": "sort=cf_budget",
    "sorted by budget, descending": "sort=-cf_budget",
    "sorted by budget, a page in the middle": "sort=cf_budget&middle=1",
    "sorted by text": "sort=cf_brand",
    "budget at least 990 million, sorted by it": "f=cf_budget:gte:990000000&sort=-cf_budget",
}


def fill(count: int) -> None:
    """Leads of one salesperson; two of three have each custom value."""
    sara = User.objects.filter(username="sara").first() or person("sara", language="en")
    rng, now = random.Random(1), dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    for start in range(0, count, CHUNK):
        Lead.objects.bulk_create(
            Lead(
                assigned_to=sara, created_by=sara, modified_by=sara, modified_at=now, first_name="Sara", last_name=f"N{number}",
                created_at=now - dt.timedelta(seconds=number), company="Pars Aria", lead_status="Hot", custom=_values(rng),
            )
            for number in range(start, min(start + CHUNK, count))
        )  # fmt: skip


def _values(rng: random.Random) -> dict[str, Any]:
    values = {
        "cf_budget": rng.randrange(1000) * 1_000_000 + 500_000,
        "cf_interest": rng.sample(["CRM", "Support", "Telephony", "Training"], 2),
        "cf_brand": f"brand {rng.randrange(100_000)}",
        "cf_day": (dt.date(2026, 1, 1) + dt.timedelta(days=rng.randrange(365))).isoformat(),
    }
    return {key: value for key, value in values.items() if rng.random() < 2 / 3}


def make_fields() -> None:

    admin = person("admin", language="en")
    create_field("lead", label_en="Budget", kind="currency", by=admin)
    create_field(
        "lead", label_en="Interest", kind="multipicklist", options=["CRM", "Support", "Telephony", "Training"], by=admin
    )
    create_field("lead", label_en="Brand", kind="text", by=admin)
    create_field("lead", label_en="Day", kind="date", by=admin)


def make_indexes() -> float:
    """Index the fields by the expressions that lists use; gives the seconds that it took."""

    begin = time.perf_counter()
    for field in CustomField.objects.exclude(kind="multipicklist"):
        index_field(field, by=User.objects.get(username="admin"))
    return time.perf_counter() - begin


def analyse() -> None:

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def times() -> dict[str, float]:
    """Milliseconds of the first page of each list, its count included."""

    sara = User.objects.get(username="sara")

    def once(address: str) -> float:
        chosen = Selection(sara, registry.module("lead"), QueryDict(address))
        after = _middle(chosen) if "middle" in address else ""
        begin = time.perf_counter()
        page(chosen.found.select_related(*chosen.links()), chosen.sort, size=25, after=after)
        return (time.perf_counter() - begin) * 1000

    return {name: _median(lambda address=address: once(address)) for name, address in ADDRESSES.items()}


def _middle(chosen: Any) -> str:
    """A cursor at the middle budget."""

    lead: Any = Lead.objects.filter(custom__cf_budget=500_500_000).first()
    lead.sorted_by = lead.custom["cf_budget"]
    return paging._encode(lead, chosen.sort)


def _median(measure: Callable[[], float]) -> float:
    measure()
    return statistics.median(measure() for _again in range(5))


def work(count: int) -> None:
    """What one process does in one place; prints what it found as JSON."""
    make_fields()
    begin = time.perf_counter()
    fill(count)
    found: dict[str, Any] = {"filled": time.perf_counter() - begin}
    analyse()
    found["without"] = times()
    found["indexing"] = make_indexes()
    analyse()
    found["with"] = times()
    print(json.dumps(found))


if __name__ == "__main__":
    work(int(sys.argv[1]))
