"""About 300 demo leads in Persian and English, the same every time."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from crm.fields.picklists import STANDARD
from crm.people.models import User
from leads.demo import words
from leads.models import Lead

COUNT = 300


def _options(key: str) -> list[str]:
    return [value for value, _label in STANDARD[key]]


def star(owner: User, now: dt.datetime) -> Lead:
    """The lead of the tour: rich, qualified, and with values that no mapping carries."""
    return Lead(
        salutation="Ms.",
        first_name="سارا",
        last_name="احمدی",
        company="بازرگانی پارس‌آریا",
        job_title="مدیر خرید",
        phone="021-88776655",
        mobile="+98 912 345 6789",
        email="s.ahmadi@parsaria.example",
        website="www.parsaria.example",
        lead_source="Web Site",
        lead_status="Qualified",
        industry="Retail",
        rating="Active",
        annual_revenue=Decimal(48_000_000_000),
        employees=60,
        street="خیابان ولیعصر، کوچهٔ نسترن\nپلاک ۱۲، واحد ۵",
        postal_code="1435914351",
        city="تهران",
        state="تهران",
        country="ایران",
        description="برای ۴۰ کاربر می‌خواهد. تا پایان فصل تصمیم می‌گیرد.",
        **_stamps(owner, now - dt.timedelta(hours=3)),
    )


def leads(owners: list[User], now: dt.datetime, chance: random.Random) -> list[Lead]:
    """Make the leads in memory, newest last."""
    return [_lead(chance, owners[number % len(owners)], now, number) for number in range(COUNT - 1)]


def _stamps(owner: User, at: dt.datetime) -> dict[str, Any]:
    return {"assigned_to": owner, "created_by": owner, "modified_by": owner, "created_at": at, "modified_at": at}


def _lead(chance: random.Random, owner: User, now: dt.datetime, number: int) -> Lead:
    made = now - dt.timedelta(days=chance.randint(0, 120), minutes=chance.randint(0, 1400))
    is_persian = chance.random() < 0.6
    names = _persian(chance) if is_persian else _english(chance)
    if chance.random() < 0.12:
        names["company"] = ""
    local = f"0{chance.randint(910, 939)} {chance.randint(100, 999)} {chance.randint(1000, 9999)}"
    return Lead(
        **names,
        mobile=local if is_persian else f"+49 30 {chance.randint(100000, 999999)}",
        phone=f"021-{chance.randint(22000000, 88999999)}" if chance.random() < 0.6 else "",
        email=f"lead{number}@example.com" if chance.random() < 0.8 else "",
        lead_source=chance.choice(_options("lead_source")),
        lead_status=chance.choice([*_options("lead_status"), *["Qualified"] * 4]),
        industry=chance.choice(["", *_options("industry")]),
        rating=chance.choice(["", *_options("rating")]),
        annual_revenue=chance.choice([None, Decimal(0), Decimal(chance.randint(1, 900)) * 10**9]),
        employees=chance.choice([None, 0, chance.randint(2, 900)]),
        website=chance.choice(["", "www.example.com"]),
        email_opt_out=chance.random() < 0.1,
        **_stamps(owner, made),
    )


def _persian(chance: random.Random) -> dict[str, Any]:
    city, state = chance.choice(words.PERSIAN_CITY)
    first_name = chance.choice(words.PERSIAN_FIRST)
    return {
        "salutation": chance.choice(["", "Ms." if first_name in words.WOMEN else "Mr."]),
        "first_name": first_name,
        "last_name": chance.choice(words.PERSIAN_LAST),
        "company": chance.choice(words.PERSIAN_COMPANY),
        "job_title": chance.choice(words.PERSIAN_JOB),
        "city": city,
        "state": state,
        "country": "ایران",
        "description": chance.choice(["", *words.PERSIAN_NOTE]),
    }


def _english(chance: random.Random) -> dict[str, Any]:
    city, state = chance.choice(words.ENGLISH_CITY)
    first_name = chance.choice(words.ENGLISH_FIRST)
    return {
        "salutation": chance.choice(["", "Ms." if first_name in words.WOMEN else "Mr.", "Dr."]),
        "first_name": first_name,
        "last_name": chance.choice(words.ENGLISH_LAST),
        "company": chance.choice(words.ENGLISH_COMPANY),
        "job_title": chance.choice(words.ENGLISH_JOB),
        "city": city,
        "state": state,
        "description": chance.choice(["", *words.ENGLISH_NOTE]),
    }
