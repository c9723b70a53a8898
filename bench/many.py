"""Many leads at once: `python -m bench.many [LEADS] [RELATED]` prints leads per second on each engine beside the raw floor.

The job is done by the worker's own code, chunk by chunk. The floor is what it wrote, written again by the bare driver into an
exact copy: same rows, same multi-row statements, same transactions, every value prepared before.
"""

import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__" and len(sys.argv) > 1 and not sys.argv[1].isdigit():
    django.setup()

from bench.places import Place, engines, place

LEADS, RELATED = 10_000, 10


def fill(count: str, related: str) -> None:
    """Leads with all usual fields, each with so many activities and comments, a tag and a follower."""
    import datetime as dt
    from decimal import Decimal

    from django.db import transaction
    from django.utils import timezone

    from crm.kit.inserting import insert
    from crm.related import filing
    from crm.related.models import Activity, Comment, Following, Tag, Tagging
    from leads.models import Lead
    from tests.accounts import person

    sara, tag = person("sara", language="fa"), Tag.objects.create(name="نمایشگاه")
    now = timezone.now() - dt.timedelta(days=9)
    for start in range(0, int(count), 1000):
        with transaction.atomic():
            leads = [
                Lead(
                    first_name="سارا", last_name=f"احمدی {number}", company=f"بازرگانی پارس‌آریا {number}",
                    email=f"lead{number}@example.com", phone="+98 21 8877 6655", city="تهران", lead_status="Qualified",
                    assigned_to=sara, salutation="Mr.", job_title="مدیر خرید", mobile="0912 345 6789", fax="021 8877",
                    secondary_email=f"second{number}@example.com", website="www.parsaria.ir", lead_source="Trade Show",
                    industry="Manufacturing", rating="Active", annual_revenue=Decimal("74000000000"), employees=210,
                    street="خیابان ولیعصر، پلاک ۱۲", postal_code="1435916471", state="تهران", country="ایران",
                    description="در نمایشگاه با هم صحبت کردیم.\nپیش‌فاکتور می‌خواهد.",
                    created_at=now, modified_at=now, created_by=sara, modified_by=sara,
                )
                for number in range(start, min(start + 1000, int(count)))
            ]  # fmt: skip
            homes = filing.open_dossiers(insert(leads))
            half = int(related) // 2
            insert([Comment(dossier=home, body="پیگیری شد", created_by=sara) for home in homes for _ in range(half)])
            insert([Activity(dossier=home, subject="تماس", assigned_to=sara) for home in homes for _ in range(half)])
            insert([Tagging(dossier=home, tag=tag) for home in homes])
            insert([Following(dossier=home, user=sara) for home in homes])


def convert(file: str = "") -> None:
    """Convert all by one job, and print the seconds; with a file, write down what was written, chunk by chunk."""
    from django.db import connection

    from crm.jobs import services
    from crm.jobs.worker import work_off
    from crm.kit import garbage
    from crm.people.models import User
    from leads.bulk import job as jobs
    from leads.conversion.many import Wish
    from leads.models import Conversion, Lead

    sara = User.objects.get(username="sara")
    job = jobs.create(Lead.objects.all(), Wish(parts=("organization", "contact", "opportunity")), by=sara)
    services.start(job, by=sara)
    kept: list[list[tuple[str, list[Any]]]] = [[]]

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (sql.startswith("SELECT") and " FOR UPDATE" in sql) or sql.startswith("BEGIN"):
            kept.append([])
        elif sql.startswith(("INSERT", "UPDATE", "DELETE")) and "jobs_task" not in sql:
            kept[-1].append((sql, [_bare(value) for value in params or ()]))
        return execute(sql, params, many, context)

    garbage.set_apart(youngest=50_000)  # as the worker's command does
    begin, own = time.perf_counter(), time.process_time()
    if file:
        with connection.execute_wrapper(keep):
            work_off()
        Path(file).write_bytes(pickle.dumps([chunk for chunk in kept if chunk]))
    else:
        work_off()
    told = {"seconds": time.perf_counter() - begin, "cpu": time.process_time() - own}
    print(json.dumps({**told, "conversions": Conversion.objects.count()}))


def _bare(value: Any) -> Any:
    if hasattr(value, "adapted"):  # JSON on its way to PostgreSQL
        return value.dumps(value.adapted)
    return value


def floor(file: str) -> None:
    """The bare driver: one transaction per chunk."""
    from django.db import connection

    todo = pickle.loads(Path(file).read_bytes())
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    begin = "BEGIN"
    if connection.vendor == "sqlite":
        todo = [[(sql.replace("%s", "?"), params) for sql, params in chunk] for chunk in todo]
        begin = "BEGIN IMMEDIATE"
    else:
        connection.connection.autocommit = True
    start, own = time.perf_counter(), time.process_time()
    for chunk in todo:
        cursor.execute(begin)
        for sql, params in chunk:
            cursor.execute(sql, params)
            if " RETURNING " in sql:
                cursor.fetchall()
        cursor.execute("COMMIT")
    told = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - own}
    print(json.dumps({**told, "chunks": len(todo), "statements": max(map(len, todo))}))


def measure(at: Place, count: int, related: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the job took, and the bare driver."""
    run = ("-m", "bench.many")
    at.python(*run, "fill", str(count), str(related))
    recorded, bare = at.copy("recorded"), at.copy("bare")
    told = json.loads(at.python(*run, "convert"))
    assert told["conversions"] == count
    file = str(at.home.parent / "written")
    recorded.python(*run, "convert", file)
    raw = json.loads(bare.python(*run, "floor", file))
    return told, raw


def main(count: int = LEADS, related: int = RELATED) -> None:
    print(f"{count} leads with {related} related records each; organization, contact and opportunity are made of each")
    for engine in engines():
        with place(engine) as made:
            own, raw = measure(made, count, related)
        print(
            f"{engine:10}  job {count / own['seconds']:7.0f} leads/s   raw floor {count / raw['seconds']:7.0f} leads/s   "
            f"{100 * raw['seconds'] / own['seconds']:3.0f} % of the floor by the clock; "
            f"processor of the client {own['cpu'] / count * 1e6:.0f} and {raw['cpu'] / count * 1e6:.0f} us a lead "
            f"({100 * raw['cpu'] / own['cpu']:.0f} %); at most {raw['statements']} writing statements a chunk",
            flush=True,
        )


if __name__ == "__main__":
    actions = {"fill": fill, "convert": convert, "floor": floor}
    if len(sys.argv) > 1 and sys.argv[1] in actions:
        actions[sys.argv[1]](*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
