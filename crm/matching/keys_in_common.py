"""The exact half of the engine: which records share keys, in one statement however many are asked about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from crm.matching import rules, scoring
from crm.matching.models import Rules
from crm.matching.traits import COMPANY, COMPARED, FORM, PERSON, TOWN, WEBSITE, Trait, Traits, gather

COMMON = 20  # a key that more records of a module have than this says nothing: a placeholder, a switchboard, a web host
CHIPPED = {"lead": PERSON, "contact": PERSON, "organization": COMPANY}  # what makes two records of a module duplicates

Holder = tuple[str, int]  # module key and primary key
Shared = dict[int, dict[Holder, set[str]]]  # by subject: the records and the kinds of keys in common


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A record that is asked about, stored or only just typed."""

    number: int  # the primary key, or 0 for one that isn't stored
    module_key: str
    traits: list[Trait]


def share(subjects: Sequence[Subject], targets: Collection[str], using: Collection[str]) -> Shared:
    """Which records of the target modules have keys in common with each subject."""
    kinds = {kind for one in using for kind in ((PERSON, COMPANY) if one == "name" else (one,))}
    mine = [(one.number, trait.kind, trait.value) for one in subjects for trait in one.traits if trait.kind in kinds]
    found: Shared = {one.number: defaultdict(set) for one in subjects}
    if mine and targets:
        _ask(mine, targets, {one.number: one.module_key for one in subjects}, found)
    return found


def _ask(mine: list[tuple[int, str, str]], targets: Collection[str], modules: dict[int, str], found: Shared) -> None:
    bigint = "::bigint" if connection.vendor == "postgresql" else ""
    values = ", ".join([f"(%s{bigint}, %s, %s)"] * len(mine))
    branches = " UNION ALL ".join(
        f"SELECT mine.subject, mine.kind, '{target}', other.{target}_id FROM mine {_join(target)}" for target in targets
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH mine (subject, kind, value) AS (VALUES {values}) {branches}", [one for row in mine for one in row]
        )
        for subject, kind, target, pk in cursor.fetchall():
            if (modules[subject], subject) != (target, pk):
                found[subject][target, pk].add(kind)


def _join(target: str) -> str:
    """Join what has one of our keys, but for keys that are common in that module, and web domains that are common in leads:
    when a lead was converted, its domain stands in one organization, and is as much a placeholder as before.
    """
    return (
        f"JOIN matching_key other ON other.value = mine.value AND other.kind = mine.kind AND other.{target}_id IS NOT NULL "
        f"WHERE ({_common(target)}) IS NULL AND (mine.kind <> '{WEBSITE}' OR ({_common('lead')}) IS NULL)"
    )


def _common(module_key: str) -> str:
    """A row if more records of the module have our key than say something."""
    return (
        f"SELECT 1 FROM matching_key common WHERE common.{module_key}_id IS NOT NULL AND common.kind = mine.kind "
        f"AND common.value = mine.value LIMIT 1 OFFSET {COMMON}"
    )


def load(holders: Iterable[Holder]) -> dict[Holder, Traits]:
    """What these records are compared by, from their keys."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for module_key, pk in holders:
        wanted[module_key].add(pk)
    found: dict[Holder, list[Trait]] = defaultdict(list)
    if wanted:
        branches = " UNION ALL ".join(
            f"SELECT '{module_key}', {module_key}_id, kind, value, text FROM matching_key "
            f"WHERE {module_key}_id IN ({', '.join(map(str, sorted(pks)))}) AND kind IN ({', '.join(['%s'] * len(COMPARED))})"
            for module_key, pks in wanted.items()
        )
        with connection.cursor() as cursor:
            cursor.execute(branches, [*COMPARED * len(wanted)])
            for module_key, pk, *row in cursor.fetchall():
                found[module_key, pk].append(Trait(*row))
    return {holder: gather(traits) for holder, traits in found.items()}


def duplicates_among(module_key: str, pks: Sequence[int]) -> set[int]:
    """Which of these records have a strong match in their own module by exact keys: one statement, for lists."""
    if module_key not in CHIPPED or not pks:
        return set()
    holder = f"{module_key}_id"
    nothing = ", ".join(["NULL"] * len(rules.COLUMNS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH mine AS (SELECT {holder} AS subject, kind, value FROM matching_key "
            f"WHERE {holder} IN ({', '.join(['%s'] * len(pks))}) AND kind NOT IN ('{TOWN}', '{FORM}')), "
            f"pairs AS (SELECT mine.subject, other.{holder} AS other, mine.kind FROM mine {_join(module_key)} "
            f"AND other.{holder} <> mine.subject) "
            f"SELECT subject, other, kind, '', '', {', '.join(f'rules.{column}' for column in rules.COLUMNS)} "
            f"FROM pairs LEFT JOIN matching_rules rules ON rules.id = 1 "
            f"UNION ALL SELECT {holder}, NULL, kind, value, text, {nothing} FROM matching_key "
            f"WHERE {holder} IN (SELECT subject FROM pairs UNION SELECT other FROM pairs) "
            f"AND kind IN ({', '.join(['%s'] * len(COMPARED))})",
            [*pks, *COMPARED],
        )
        rows = cursor.fetchall()
    return _strong(module_key, rows)


def _strong(module_key: str, rows: list[tuple[Any, ...]]) -> set[int]:
    """Whose pairs are strong: `rows` are the pairs with a kind of key in common and the rules, and the traits of all in them."""
    pairs: dict[tuple[int, int], set[str]] = defaultdict(set)
    traits: dict[int, list[Trait]] = defaultdict(list)
    in_force = Rules()
    for one, other, kind, value, text, *columns in rows:
        if other is None:
            traits[one].append(Trait(kind, value, text))
        else:
            pairs[one, other].add(kind)
            in_force = rules.from_columns(tuple(columns))
    known = defaultdict(Traits, {pk: gather(found) for pk, found in traits.items()})
    called_so: dict[int, list[int]] = defaultdict(list)
    for (one, other), kinds in pairs.items():
        if COMPANY in kinds:
            called_so[one].append(other)
    return {
        one
        for (one, other), kinds in pairs.items()
        if scoring.compare(
            known[one],
            known[other],
            kinds,
            about=CHIPPED[module_key],
            using=in_force.using,
            namesakes=[known[pk] for pk in called_so[one] if pk != other],
        ).score
        >= in_force.strong_from
    }
