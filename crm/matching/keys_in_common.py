"""The exact half of the engine: which records share keys, in one statement however many are asked about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection

from crm.matching import rules, scoring
from crm.matching.models import Rules
from crm.matching.traits import COMPANY, COMPARED, FORM, PERSON, TOWN, WEBSITE, Trait, Traits, gather

COMMON = 20  # a key that more records of a module have than this says nothing: a placeholder, a switchboard, a web host
APART = (TOWN, FORM)  # the kinds that don't find anybody
CHIPPED = {"lead": PERSON, "contact": PERSON, "organization": COMPANY}  # what makes two records of a module duplicates

_COMPARED, _APART = (", ".join(f"'{kind}'" for kind in kinds) for kinds in (COMPARED, APART))

Holder = tuple[str, int]  # module key and primary key
Shared = dict[int, dict[Holder, set[str]]]  # by subject: the records and the kinds of keys in common


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A record that is asked about, stored or only just typed."""

    number: int  # the primary key, or 0 for one that isn't stored
    module_key: str
    traits: list[Trait]


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The records that have keys in common with those asked about, what they are compared by, and the rules in force."""

    shared: Shared
    traits: dict[Holder, Traits]
    in_force: Rules


def look(subjects: Sequence[Subject], targets: Collection[str]) -> Common:
    """Which records of the target modules have keys in common with each subject; all subjects are of one module."""
    mine = [(one.number, *trait[:2]) for one in subjects for trait in one.traits if trait.kind not in APART]
    found: Shared = {one.number: defaultdict(set) for one in subjects}
    if not mine or not targets:  # nothing to find, whatever the rules
        return Common(shared=found, traits={}, in_force=Rules())
    bigint = "::bigint" if connection.vendor == "postgresql" else ""
    values = f"VALUES {', '.join([f'(%s{bigint}, %s, %s)'] * len(mine))}"
    return _ask(values, [*chain(*mine)], subjects[0].module_key, targets, found)


def _ask(
    mine: str, params: list[Any], module_key: str, targets: Collection[str], found: Shared, *, with_own: str = ""
) -> Common:
    """Read it all in one statement. `mine` gives the keys that are asked about: primary key, kind and value. `with_own` finds
    whose traits are read besides those of what is found.
    """
    nothing = ", ".join(["NULL"] * len(rules.COLUMNS))
    pairs = " UNION ALL ".join(
        f"SELECT mine.subject, '{target}', other.{target}_id, mine.kind FROM mine {_join(target, module_key)}"
        for target in targets
    )
    traits = " UNION ALL ".join(
        f"SELECT NULL, '{target}', {target}_id, kind, value, text, {nothing} FROM matching_key WHERE {target}_id IN "
        f"(SELECT pk FROM pairs WHERE target = '{target}'{with_own}) AND kind IN ({_COMPARED})"
        for target in targets
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH mine (subject, kind, value) AS ({mine}), pairs (subject, target, pk, kind) AS ({pairs}) "
            f"SELECT NULL, NULL, NULL, NULL, NULL, NULL, {', '.join(rules.COLUMNS)} FROM matching_rules WHERE id = 1 "
            f"UNION ALL SELECT subject, target, pk, kind, '', '', {nothing} FROM pairs UNION ALL {traits}",
            params,
        )
        return _read(cursor.fetchall(), found)


def _read(rows: Sequence[tuple[Any, ...]], found: Shared) -> Common:
    """Sort the rows of `_ask` into the rules, pairs and traits; keys that don't count are left out."""
    in_force = next((rules.from_columns(row[6:]) for row in rows if row[1] is None), Rules())
    counted = _kinds(in_force)
    traits: dict[Holder, list[Trait]] = defaultdict(list)
    for subject, target, pk, kind, value, text, *_rules in rows:
        if subject is not None and kind in counted:
            found[subject][target, pk].add(kind)
        elif subject is None and target is not None:
            traits[target, pk].append(Trait(kind, value, text))
    known = {holder: gather(of_it) for holder, of_it in traits.items()}
    return Common(shared=found, traits=known, in_force=in_force)


def _kinds(in_force: Rules) -> frozenset[str]:
    """The kinds of keys that count."""
    return in_force.using | ({PERSON, COMPANY} if in_force.by_name else frozenset())


def namesakes(found: Mapping[Holder, set[str]]) -> list[Holder]:
    """Those of the records that have the same company name."""
    return [holder for holder, kinds in found.items() if COMPANY in kinds]


def _join(target: str, module_key: str) -> str:
    """Join what else has one of our keys, but for keys that are common in that module, and web domains that are common in leads:
    when a lead was converted, its domain stands in one organization, and is as much a placeholder as before.
    """
    return (
        f"JOIN matching_key other ON other.value = mine.value AND other.kind = mine.kind AND other.{target}_id IS NOT NULL "
        f"WHERE ({_common(target)}) IS NULL"
        + (f" AND (mine.kind <> '{WEBSITE}' OR ({_common('lead')}) IS NULL)" if target == "organization" else "")
        + (f" AND other.{target}_id <> mine.subject" if target == module_key else "")
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
            f"WHERE {module_key}_id IN ({', '.join(map(str, sorted(pks)))}) AND kind IN ({_COMPARED})"
            for module_key, pks in wanted.items()
        )
        with connection.cursor() as cursor:
            cursor.execute(branches)
            for module_key, pk, *row in cursor.fetchall():
                found[module_key, pk].append(Trait(*row))
    return {holder: gather(traits) for holder, traits in found.items()}


def duplicates_among(module_key: str, pks: Sequence[int]) -> set[int]:
    """Which of these records have a strong match in their own module by exact keys: one statement, for lists."""
    if module_key not in CHIPPED or not pks:
        return set()
    holder = f"{module_key}_id"
    mine = (
        f"SELECT {holder}, kind, value FROM matching_key WHERE {holder} IN ({', '.join(['%s'] * len(pks))}) "
        f"AND kind NOT IN ({_APART})"
    )
    common = _ask(
        mine,
        [*pks],
        module_key,
        [module_key],
        defaultdict(lambda: defaultdict(set)),
        with_own=" UNION SELECT subject FROM pairs",
    )
    return {pk for pk, found in common.shared.items() if _has_strong(module_key, pk, found, common)}


def _has_strong(module_key: str, pk: int, found: Mapping[Holder, set[str]], common: Common) -> bool:
    """Whether one of the records that share keys with this one is surely the same."""
    mine, called_so = common.traits.get((module_key, pk), Traits()), namesakes(found)
    verdicts = (
        scoring.compare(
            mine,
            common.traits[holder],
            kinds,
            about=CHIPPED[module_key],
            using=common.in_force.using,
            namesakes=[common.traits[other] for other in called_so if other != holder],
        )
        for holder, kinds in found.items()
        if holder in common.traits
    )
    return any(verdict.score >= common.in_force.strong_from for verdict in verdicts)
