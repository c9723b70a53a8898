"""The engine: the likely same records of other records, of any module against any module, as far as somebody may see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from crm.fields import registry
from crm.matching import names_index, scoring
from crm.matching.keys_in_common import Common, Holder, Subject, load, look, namesakes
from crm.matching.match import Match
from crm.matching.models import Rules
from crm.matching.reasons import reasons
from crm.matching.scoring import Verdict
from crm.matching.traits import COMPANY, PERSON, TOWN, gather, traits_of
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
    module_key = records[0].module.key
    subjects = [Subject(number=one.pk or 0, module_key=module_key, traits=traits_of(one)) for one in records]
    common = look(subjects, COMPARISONS[module_key])
    if fuzzy and common.in_force.by_name:
        for subject in subjects:
            _add_alike_names(subject, common)
    return _answer(_judge(subjects, common), by, common.in_force)


def _add_alike_names(subject: Subject, common: Common) -> None:
    """Take records with a similar name into consideration, whether or not they share a key."""
    targets, shared = COMPARISONS[subject.module_key], common.shared[subject.number]
    names = [(trait.kind, trait.text) for trait in subject.traits if trait.kind in (PERSON, COMPANY)]
    town = next((trait.value for trait in subject.traits if trait.kind == TOWN), "")
    for kind, found in names_index.alike(connection, names, town).items():
        for module_key, pk in found:
            is_self = (module_key, pk) == (subject.module_key, subject.number)
            if not is_self and kind in targets.get(module_key, ()):
                shared.setdefault((module_key, pk), set())
    common.traits.update(load(shared.keys() - common.traits.keys()))


def _judge(subjects: Sequence[Subject], common: Common) -> dict[int, dict[Holder, Verdict]]:
    """The verdict on each pair that is worth showing."""
    verdicts: dict[int, dict[Holder, Verdict]] = {}
    for subject in subjects:
        found = common.shared[subject.number]
        called_so = namesakes(found)
        verdicts[subject.number] = judged = {}
        one = gather(subject.traits)
        for holder, kinds in found.items():
            others = [common.traits[other] for other in called_so if _counts(other, holder, subject.module_key)]
            verdict = max(
                (
                    scoring.compare(
                        one,
                        common.traits[holder],
                        kinds,
                        about=about,
                        using=common.in_force.using,
                        namesakes=others,
                    )
                    for about in COMPARISONS[subject.module_key][holder[0]]
                    if holder in common.traits
                ),
                key=lambda verdict: verdict.score,
                default=None,
            )
            if verdict and verdict.score >= common.in_force.shown_from:
                judged[holder] = verdict
    return verdicts


def _counts(namesake: Holder, holder: Holder, module_key: str) -> bool:
    """Whether a namesake counts: one of the modules of both only, so that a list, which reads one module, says the same."""
    return namesake != holder and namesake[0] in (holder[0], module_key)


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
