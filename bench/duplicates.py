"""How well and how fast duplicates are found: `python -m bench.duplicates [COUNT] [SQLite|PostgreSQL …] [held-out]`.

Quality: the leads of a real export with labelled pairs (`../shared/data`), imported as a user would and asked through the engine.
Pairs are halved by the hash of their rows: the rules were chosen on the even half, which is printed first, with twenty halvings of
it by companies and by a seed, which tell how much chance there is in so few pairs. The odd half is only ever counted, and only
where `held-out` is asked for: whoever looks at it while choosing rules has none left.
Speed: `find` for leads against COUNT organizations and as many contacts (200,000 if left out) with invented names.
"""

import csv
import hashlib
import itertools
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


def main(engines: list[str], many: int = MANY, held_out: bool = False) -> None:
    from bench.places import place

    for engine in engines:
        with place(engine) as where:
            if DATA.is_dir():
                print(where.python("-m", "bench.duplicates", "quality", str(int(held_out))))
            where.python("-m", "bench.duplicates", "fill", str(many))
            print(where.python("-m", "bench.duplicates", "speed"))


Pair = tuple[int, int]  # two rows of the export, the smaller first
STRONG, SHOWN = 80, 50  # the rules as they come
SPLITS = 20


def quality(half: int) -> None:
    """Precision and recall on one half of the pairs: 0 is the one that rules were chosen on, 1 the one held out."""
    from django.core.management import call_command

    from crm.people.models import User
    from leads.conversion.matching import find
    from leads.models import Lead
    from tests.accounts import person

    admin: User = person("admin")
    call_command("import_leads", DATA / "leads-a.csv", owner="admin", verbosity=0, stdout=sys.stderr)
    leads = list(Lead.objects.order_by("pk"))
    row_of = {lead.pk: row for row, lead in enumerate(leads, start=1)}
    scores: dict[str, dict[Pair, int]] = {"person": defaultdict(int), "any": defaultdict(int)}
    for lead in leads:
        for match in find(lead, by=admin).lead:
            one, other = sorted((row_of[lead.pk], row_of[match.record.pk]))
            for about in ("any", *(["person"] if match.about == "person" else [])):
                scores[about][one, other] = max(scores[about][one, other], match.score)
    root = {about: _same(about) for about in scores}
    cores = {row: _core(lead.company) for row, lead in enumerate(leads, start=1)}
    judged = {
        about: [_Judged.of(pair, scores, root, cores, about) for pair in _pairs(scores, root) if _half(pair) == half]
        for about in scores
    }
    print(
        f"Quality, {len(leads)} leads; strict, and without wrong pairs whose folded company names are the same by chance"
    )
    for at, word in ((STRONG, "strong"), (SHOWN, "shown")):
        for about, title in (("person", "person"), ("any", "person or company")):
            print(f"  {word:6} same {title:17} {('chosen on', 'held out')[half]}: {_Counts.of(judged[about], at).told}")
            if not half:
                print(f"  {'':6}      {'':17} {SPLITS} splits: {_crossed(judged[about], at)}")


def _pairs(scores: dict[str, dict[Pair, int]], root: dict[str, dict[int, int]]) -> list[Pair]:
    """The pairs that are said or labelled to be the same; of all others nothing is to count."""
    groups: dict[int, list[int]] = defaultdict(list)
    for row, first in sorted(root["any"].items()):
        groups[first].append(row)
    same = {pair for rows in groups.values() for pair in itertools.combinations(rows, 2)}
    return sorted(same | set(scores["any"]))


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A pair with what was said of it and what is true."""

    rows: Pair
    groups: Pair  # the companies that the two belong to
    score: int
    is_same: bool
    is_by_chance: bool

    @classmethod
    def of(cls, rows: Pair, scores: Any, root: Any, cores: dict[int, str], about: str) -> "_Judged":
        one, other = (root[about].get(row, row) for row in rows)
        return cls(
            rows=rows,
            groups=tuple(sorted(root["any"].get(row, row) for row in rows)),
            score=scores[about].get(rows, 0),
            is_same=one == other,
            is_by_chance=one != other and cores[rows[0]] == cores[rows[1]] != "",
        )


@dataclass(frozen=True, kw_only=True)
class _Counts:
    right: int
    missed: int
    wrong: int
    by_chance: int

    @classmethod
    def of(cls, pairs: list[_Judged], at: int) -> "_Counts":
        said = [pair for pair in pairs if pair.score >= at]
        right = sum(pair.is_same for pair in said)
        return cls(
            right=right,
            missed=sum(pair.is_same for pair in pairs) - right,
            wrong=len(said) - right,
            by_chance=sum(pair.is_by_chance for pair in said),
        )

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def lenient(self) -> float:
        """The precision without the companies of one name."""
        return self.right / max(self.right + self.wrong - self.by_chance, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)

    @property
    def told(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.lenient:.3f} without chance), recall {self.recall:.3f}; "
            f"{self.right} right, {self.missed} missed, {self.wrong} wrong, {self.by_chance} of them by chance"
        )


def _crossed(pairs: list[_Judged], at: int) -> str:
    """The mean and the worst over many halvings by companies."""
    results = [
        _Counts.of([pair for pair in pairs if random.Random(f"{seed}-{pair.groups}").randrange(2)], at)
        for seed in range(SPLITS)
    ]
    means = [
        f"{name} {statistics.mean(values):.3f} (worst {min(values):.3f})"
        for name, values in (
            ("precision", [counts.precision for counts in results]),
            ("without chance", [counts.lenient for counts in results]),
            ("recall", [counts.recall for counts in results]),
        )
    ]
    return ", ".join(means)


def _core(company: str) -> str:
    from crm.matching.names import company_core, letters

    return letters(company_core(company))


def _half(pair: tuple[int, ...]) -> int:
    return hashlib.sha256("-".join(map(str, pair)).encode()).digest()[0] % 2


def _same(about: str) -> dict[int, int]:
    """The group of each labelled row; who is the same as a third are the same as each other."""
    tree: dict[int, int] = {}

    def top(row: int) -> int:
        while tree.setdefault(row, row) != row:
            row = tree[row]
        return row

    with (DATA / "duplicates-a.csv").open() as file:
        for pair in csv.DictReader(file):
            if about in ("any", pair["what"]):
                tree[top(int(pair["row"]))] = top(int(pair["same_as_row"]))
    return {row: top(row) for row in list(tree)}


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


def speed() -> None:
    """What `find` takes: by the clock, by the processor, which other work on the machine can't fake, and inside the database."""
    from crm.people.models import User
    from crm.records.models import Contact, Organization
    from leads.conversion.matching import find
    from leads.models import Lead

    admin = User.objects.get(username="admin")
    admin.has_perm("leads.view_lead")  # read once a request, whatever is looked for
    clock = Clock()
    chance = random.Random(7)
    many = Organization.objects.count()
    took: dict[str, list[Took]] = {"exact": [], "fuzzy": []}
    namesakes = Counter(_core(name) for name in Organization.objects.values_list("name", flat=True))
    found: dict[str, list[bool]] = {"rare": [], "common": []}
    for number in range(100):
        organization = Organization.objects.get(pk=chance.randint(1, many))
        contact = Contact.objects.get(pk=chance.randint(1, many))
        name = (
            organization.name if number % 2 else organization.name[:9] + organization.name[10:]
        )  # a slip in every other
        lead = Lead(
            first_name=contact.first_name, last_name=contact.last_name, mobile=contact.mobile, company=name, pk=0, email=contact.email,
            phone=organization.phone if number % 5 == 0 else "", city=organization.billing_city,
        )  # fmt: skip
        for way, all_took in took.items():
            with clock.measure() as one:
                matches = find(lead, by=admin, fuzzy=way == "fuzzy")
            all_took.append(one)
        is_rare = namesakes[_core(organization.name)] <= 10
        found["rare" if is_rare else "common"].append(
            organization.pk in {match.record.pk for match in matches.organization}
        )
    print(f"Speed of find on {clock.vendor}, {many:,} organizations, {Contact.objects.count():,} contacts")
    for way, all_took in took.items():
        print(f"  {way}: {_middle(all_took)}")
    for word, title in (("rare", "at most 10 organizations of its name"), ("common", "more")):
        print(
            f"  with {title}: the organization is among those shown for {sum(found[word])} of {len(found[word])} leads"
        )


@dataclass(kw_only=True)
class Took:
    """Milliseconds of one `find`; `inside` is what EXPLAIN (ANALYZE) says of its statements, with the pages they touched."""

    clock: float = 0
    processor: float = 0
    inside: float = 0
    pages: int = 0
    statements: int = 0


def _middle(all_took: list[Took]) -> str:
    def spread(name: str) -> str:
        ordered = sorted(getattr(one, name) for one in all_took)
        return f"median {statistics.median(ordered):.1f}, 95 % within {ordered[int(len(ordered) * 0.95) - 1]:.1f}"

    text = f"processor {spread('processor')} ms; clock {spread('clock')} ms; {max(one.statements for one in all_took)} statements at most"
    if any(one.inside for one in all_took):
        text += f"; EXPLAIN ANALYZE {spread('inside')} ms, {statistics.median(one.pages for one in all_took):.0f} pages"
    return text


class Clock:
    """Measures what one stretch of code takes us and PostgreSQL's process on our behalf."""

    def __init__(self) -> None:
        from django.db import connection

        self.connection = connection
        self.vendor = connection.vendor
        self.scheduled: Path | None = None
        with connection.cursor() as cursor:
            if self.vendor == "postgresql":
                cursor.execute("VACUUM ANALYZE")
                cursor.execute("SELECT pg_backend_pid()")
                self.scheduled = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def _processor(self) -> float:
        theirs = int(self.scheduled.read_text().split()[0]) / 1e9 if self.scheduled and self.scheduled.exists() else 0
        return time.process_time() + theirs

    @contextmanager
    def measure(self) -> Iterator[Took]:
        sent: list[tuple[str, Any]] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            sent.append((sql, params))
            return execute(sql, params, many, context)

        took = Took()
        with self.connection.execute_wrapper(note):
            begin, processor = time.perf_counter(), self._processor()
            yield took
            took.processor = (self._processor() - processor) * 1000
            took.clock = (time.perf_counter() - begin) * 1000
        took.statements = len(sent)
        if self.vendor == "postgresql":
            self._explain(sent, took)

    def _explain(self, sent: list[tuple[str, Any]], took: Took) -> None:
        from django.db import transaction

        with transaction.atomic(), self.connection.cursor() as cursor:
            for sql, params in sent:
                if sql.startswith("SET LOCAL"):
                    cursor.execute(sql)
                elif sql.startswith(("SELECT", "WITH", "(")):
                    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                    (plan,) = cursor.fetchone()[0]
                    took.inside += plan["Execution Time"]
                    took.pages += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("quality", "fill", "speed"):
        import django

        django.setup()
        {"quality": quality, "fill": fill, "speed": speed}[sys.argv[1]](*map(int, sys.argv[2:]))
    else:
        from bench.places import engines

        sizes = [int(word) for word in sys.argv[1:] if word.isdigit()]
        named = [word for word in sys.argv[1:] if not word.isdigit() and word != "held-out"]
        main(named or engines(), *sizes, held_out="held-out" in sys.argv)
