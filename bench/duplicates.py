"""How well and how fast duplicates are found: `python -m bench.duplicates [COUNT] [SQLite|PostgreSQL …]`.

Quality: the leads of a real export with labelled pairs (`../shared/data`), imported as a user would and asked through the engine.
Pairs are halved by the hash of their rows; the rules were chosen on the even half, what is printed is the odd one.
Speed: `find` for leads against COUNT organizations and as many contacts (200,000 if left out) with invented names.
"""

import csv
import hashlib
import itertools
import random
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MANY = 200_000
SYLLABLES = [
    "با",
    "بر",
    "دا",
    "دی",
    "را",
    "ری",
    "سا",
    "شی",
    "کا",
    "کو",
    "گا",
    "لا",
    "لو",
    "ما",
    "می",
    "نا",
    "نی",
    "وا",
    "هی",
    "تا",
    "رو",
    "زا",
    "ژا",
    "فا",
    "پا",
    "چا",
    "خا",
]
TRADES = [
    "فولاد",
    "سیمان",
    "کاشی",
    "نساجی",
    "دارو",
    "غذا",
    "سفر",
    "خودرو",
    "پلاست",
    "بتن",
    "سازه",
    "نیرو",
    "انرژی",
    "رایانه",
    "شیمی",
    "تجارت",
    "صنعت",
    "گستر",
    "پرداز",
    "توسعه",
    "پارس",
    "ایران",
]
CITIES = ["تهران", "اصفهان", "شیراز", "تبریز", "مشهد", "کرج", "قم", "اهواز"]


def main(engines: list[str], many: int = MANY) -> None:
    from bench.places import place

    for engine in engines:
        with place(engine) as where:
            if DATA.is_dir():
                print(where.python("-m", "bench.duplicates", "quality"))
            where.python("-m", "bench.duplicates", "fill", str(many))
            print(where.python("-m", "bench.duplicates", "speed", str(many)))


def quality() -> None:
    """Precision and recall on the half of the pairs that no rule was chosen on."""
    from django.core.management import call_command

    from crm.people.models import User
    from leads.conversion.matching import find
    from leads.models import Lead
    from tests.accounts import person

    admin: User = person("admin")
    call_command("import_leads", DATA / "leads-a.csv", owner="admin", verbosity=0, stdout=sys.stderr)
    leads = list(Lead.objects.order_by("pk"))
    row_of = {lead.pk: row for row, lead in enumerate(leads, start=1)}
    said: dict[tuple[int, int], set[str]] = defaultdict(set)
    for lead in leads:
        for match in find(lead, by=admin).lead:
            pair = tuple(sorted((row_of[lead.pk], row_of[match.record.pk])))
            said[pair] |= {f"shown {match.about}", *([f"strong {match.about}"] if match.is_strong else [])}
    same = _same()
    name = {row: _core(lead.company) for row, lead in enumerate(leads, start=1)}
    print(f"Quality on the held-out half, {len(leads)} leads")
    for word in ("strong", "shown"):
        for about in ("person", "any"):
            _report(
                f"{word}, same {about if about == 'person' else 'person or company'}", word, about, said, same, name
            )


def _core(company: str) -> str:
    from crm.matching.names import company_core, letters

    return letters(company_core(company))


def _report(title: str, word: str, about: str, said: Any, same: Any, name: dict[int, str]) -> None:
    kinds = {f"{word} person"} if about == "person" else {f"{word} person", f"{word} company"}
    right = wrong = missed = by_chance = 0
    for pair in itertools.combinations(sorted(name), 2):
        if _half(pair) == 0:
            continue
        is_said, is_same = bool(said[pair] & kinds), same(about, *pair)
        right += is_said and is_same
        missed += is_same and not is_said
        wrong += is_said and not is_same
        by_chance += is_said and not is_same and name[pair[0]] == name[pair[1]] != ""
    print(
        f"  {title}: precision {right / max(right + wrong, 1):.3f}, recall {right / max(right + missed, 1):.3f} "
        f"({right} right, {missed} missed, {wrong} wrong, {by_chance} of these companies of one name by chance: "
        f"precision without them {right / max(right + wrong - by_chance, 1):.3f})"
    )


def _half(pair: tuple[int, ...]) -> int:
    return hashlib.sha256("-".join(map(str, pair)).encode()).digest()[0] % 2


def _same() -> Any:
    """Whether two rows are the same, as labelled; who is the same as a third are the same as each other."""
    root: dict[str, dict[int, int]] = {"person": {}, "any": {}}

    def find(tree: dict[int, int], row: int) -> int:
        while tree.setdefault(row, row) != row:
            row = tree[row]
        return row

    with (DATA / "duplicates-a.csv").open() as file:
        for pair in csv.DictReader(file):
            one, other = int(pair["row"]), int(pair["same_as_row"])
            for about in ("any", *(["person"] if pair["what"] == "person" else [])):
                root[about][find(root[about], one)] = find(root[about], other)
    return lambda about, one, other: find(root[about], one) == find(root[about], other)


class Invented:
    """Names and numbers by chance, the same each time."""

    def __init__(self) -> None:
        self.chance = random.Random(1404)
        self.words = ["".join(self.chance.choices(SYLLABLES, k=self.chance.choice((2, 3)))) for _ in range(6000)]

    def company(self) -> str:
        own = self.chance.choice(self.words if self.chance.random() < 0.7 else TRADES)
        return f"شرکت {own} {' '.join(self.chance.sample(TRADES, self.chance.choice((1, 2))))}"

    def person(self) -> tuple[str, str]:
        return self.chance.choice(self.words[:400]), self.chance.choice(self.words)

    def phone(self) -> str:
        return f"0{self.chance.randint(21, 61)} {self.chance.randint(20_000_000, 89_999_999)}"


def fill(many: int) -> None:
    """Many organizations and contacts, written set-based as an import does."""
    from django.db import transaction
    from django.utils import timezone

    from crm.people.models import User
    from crm.records.models import Contact, Organization
    from crm.related import filing
    from tests.accounts import person

    owner = User.objects.filter(username="admin").first() or person("admin")
    invented, now = Invented(), timezone.now()
    for start in range(0, many, 5000):
        records: list[Any] = []
        for number in range(start, start + 5000):
            first, last = invented.person()
            city = invented.chance.choice(CITIES)
            site = f"www.o{number}.ir" if number % 3 else ""
            records.append(
                Organization(name=invented.company(), phone=invented.phone(), website=site, billing_city=city)
            )
            mail = f"p{number}@o{number}.ir" if number % 2 else ""
            mobile = f"0912 {invented.chance.randint(1_000_000, 9_999_999)}"
            records.append(Contact(first_name=first, last_name=last, mobile=mobile, email=mail, mailing_city=city))
        with transaction.atomic():
            for record in records:
                record.assigned_to = owner
                filing.stamp(record, by=owner, now=now)
            for model in (Organization, Contact):
                filing.open_dossiers(model.objects.bulk_create(one for one in records if isinstance(one, model)))


def speed(many: int) -> None:
    from django.db import connection

    from crm.people.models import User
    from crm.records.models import Contact, Organization
    from leads.conversion.matching import find
    from leads.models import Lead

    admin = User.objects.get(username="admin")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    chance = random.Random(7)
    times: dict[str, list[float]] = {"exact": [], "fuzzy": []}
    found = 0
    for number in range(100):
        organization = Organization.objects.get(pk=chance.randint(1, many))
        contact = Contact.objects.get(pk=chance.randint(1, many))
        name = (
            organization.name if number % 2 else organization.name[:9] + organization.name[10:]
        )  # a slip in every other
        lead = Lead(
            first_name=contact.first_name, last_name=contact.last_name, mobile=contact.mobile, company=name, pk=0,
            email=contact.email, phone=organization.phone if number % 5 == 0 else "", city="تهران",
        )  # fmt: skip
        for way, milliseconds in times.items():
            begin = time.perf_counter()
            matches = find(lead, by=admin, fuzzy=way == "fuzzy")
            milliseconds.append((time.perf_counter() - begin) * 1000)
        found += organization.pk in {match.record.pk for match in matches.organization}
    count = f"{Organization.objects.count():,} organizations, {Contact.objects.count():,} contacts"
    print(f"Speed of find on {connection.vendor}, {count}; the organization was found for {found} of 100 leads")
    for way, all_times in times.items():
        ordered = sorted(all_times)
        print(
            f"  {way}: median {statistics.median(ordered):.1f} ms, 95 % within {ordered[94]:.1f} ms, worst {ordered[-1]:.1f} ms"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("quality", "fill", "speed"):
        import django

        django.setup()
        {"quality": quality, "fill": fill, "speed": speed}[sys.argv[1]](*map(int, sys.argv[2:]))
    else:
        from bench.places import engines

        sizes = [int(word) for word in sys.argv[1:] if word.isdigit()]
        main([word for word in sys.argv[1:] if not word.isdigit()] or engines(), *sizes)
