"""The engine: the likely same records of other records, of any module against any module, as far as somebody may see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from crm.fields import registry
from crm.matching import names_index, rules, scoring
from crm.matching.keys_in_common import Holder, Shared, Subject, load, share
from crm.matching.match import Match
from crm.matching.models import Rules
from crm.matching.reasons import reasons
from crm.matching.scoring import Verdict
from crm.matching.traits import COMPANY, PERSON, TOWN, Traits, gather, traits_of
from crm.people.seen import Seen

MOST = 10  # matches that are given per module

# As what a record of the first module may be the same as one of the second.
COMPARISONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "lead": {"organization": (COMPANY,), "contact": (PERSON,), "lead": (PERSON, COMPANY)},
    "organization": {"organization": (COMPANY,), "lead": (COMPANY,)},
    "contact": {"contact": (PERSON,), "lead": (PERSON,)},
}

_SEEN = Seen(lambda records, pks: records.filter(pk__in=pks).select_related("assigned_to"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """The likely same records of one record by module, the likeliest first. `hidden`: modules with one the user may not see."""

    matches: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.matches or self.hidden)


def find(record: Any, *, by: Any, fuzzy: bool = True) -> Alike:
    """Look for the likely same records of one record, stored or only just typed."""
    return find_all([record], by=by, fuzzy=fuzzy)[record.pk or 0]


def find_all(records: Sequence[Any], *, by: Any, fuzzy: bool = False) -> dict[int, Alike]:
    """Look for the likely same records of many records of one module, by primary key.

    By exact keys it takes a fixed number of statements however many records are asked about; `fuzzy` takes a few more for each.
    """
    if not records or records[0].module.key not in COMPARISONS:
        return {record.pk or 0: Alike() for record in records}
    in_force = rules.current()
    module_key = records[0].module.key
    subjects = [Subject(number=one.pk or 0, module_key=module_key, traits=traits_of(one)) for one in records]
    shared = share(subjects, COMPARISONS[module_key], in_force.using)
    if fuzzy and in_force.by_name:
        for subject in subjects:
            _add_alike_names(subject, shared)
    verdicts = _judge(subjects, shared, in_force)
    return _answer(verdicts, by, in_force)


def _add_alike_names(subject: Subject, shared: Shared) -> None:
    """Take records with a similar name into consideration, whether or not they share a key."""
    targets = COMPARISONS[subject.module_key]
    names = [(trait.kind, trait.text) for trait in subject.traits if trait.kind in (PERSON, COMPANY)]
    town = next((trait.value for trait in subject.traits if trait.kind == TOWN), "")
    for kind, found in names_index.alike(connection, names, town).items():
        for module_key, pk in found:
            is_self = (module_key, pk) == (subject.module_key, subject.number)
            if not is_self and kind in targets.get(module_key, ()):
                shared[subject.number].setdefault((module_key, pk), set())


def _judge(subjects: Sequence[Subject], shared: Shared, in_force: Rules) -> dict[int, dict[Holder, Verdict]]:
    """The verdict on each pair that is worth showing."""
    traits = load({holder for found in shared.values() for holder in found})
    verdicts: dict[int, dict[Holder, Verdict]] = {}
    for subject in subjects:
        one, found = gather(subject.traits), shared[subject.number]
        namesakes = {holder: traits[holder] for holder, kinds in found.items() if COMPANY in kinds and holder in traits}
        verdicts[subject.number] = judged = {}
        for holder, kinds in found.items():
            others = _others(namesakes, holder, subject.module_key)
            verdict = max(
                (
                    scoring.compare(one, traits[holder], kinds, about=about, using=in_force.using, namesakes=others)
                    for about in COMPARISONS[subject.module_key][holder[0]]
                    if holder in traits
                ),
                key=lambda verdict: verdict.score,
                default=None,
            )
            if verdict and verdict.score >= in_force.shown_from:
                judged[holder] = verdict
    return verdicts


def _others(namesakes: Mapping[Holder, Traits], holder: Holder, module_key: str) -> list[Traits]:
    """Who else has the company name of these two: of their modules only, so that a list, which reads one module, says the same."""
    modules = (holder[0], module_key)
    return [traits for other, traits in namesakes.items() if other != holder and other[0] in modules]


def _answer(verdicts: dict[int, dict[Holder, Verdict]], by: Any, in_force: Rules) -> dict[int, Alike]:
    """Put the records behind the verdicts that the user may see, and say in which modules there are others: all that have keys
    are there and current.
    """
    seen = _visible({holder for judged in verdicts.values() for holder in judged}, by)
    answers = {}
    for number, judged in verdicts.items():
        matches: dict[str, list[Match]] = defaultdict(list)
        for holder, verdict in judged.items():
            if holder in seen:
                matches[holder[0]].append(_match(seen[holder], verdict, in_force))
        answers[number] = Alike(
            matches={key: _likeliest(found) for key, found in matches.items()},
            hidden=frozenset(module_key for module_key, pk in judged if (module_key, pk) not in seen),
        )
    return answers


def _match(record: Any, verdict: Verdict, in_force: Rules) -> Match:
    return Match(
        record=record,
        score=verdict.score,
        reasons=reasons(verdict),
        is_strong=verdict.score >= in_force.strong_from,
        about=verdict.about,
    )


def _likeliest(found: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(sorted(found, key=lambda match: (-match.score, match.record.pk))[:MOST])


def _visible(holders: Iterable[Holder], by: Any) -> dict[Holder, Any]:
    """The records that the user may see."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for module_key, pk in holders:
        wanted[module_key].append(pk)
    return {
        (module_key, record.pk): record
        for module_key, pks in wanted.items()
        for record in _SEEN.records(registry.module(module_key).model, by, pks)
    }
