"""How sure it is that two records are the same person or the same company: 0–100, from what they share and what speaks against.

Pure: works on the traits of both (`traits.py`), asks no database. The numbers were chosen on one half of labelled pairs; the
benchmark reports what they do on the other.
"""

from collections.abc import Collection
from dataclasses import dataclass

from rapidfuzz import fuzz

from crm.matching.names import GENERIC
from crm.matching.places import KNOWN
from crm.matching.traits import COMPANY, PERSON, Traits

SAME_NAME = 90  # percent from which a name counts as the same
LIKE_NAME = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A score with the codes of its reasons, the weightiest first; `alike` is the names' likeness in percent.

    `is_ambiguous`: several companies are known to have the name.
    """

    about: str
    score: int
    codes: tuple[str, ...]
    alike: int = 0
    is_ambiguous: bool = False


def compare(
    one: Traits,
    other: Traits,
    shared: Collection[str],
    *,
    about: str,
    using: Collection[str],
    namesakes: Collection[Traits] = (),
) -> Verdict:
    """Judge two records as persons or as companies.

    `shared` are the kinds of exact keys that both have in common, without those that many records have; `using` the kinds that
    count at all, "name" among them; `namesakes` other records with the same company name.
    """
    counted = frozenset(shared) & frozenset(using)
    if about == PERSON:
        return _person(one, other, counted, "name" in using)
    return _company(one, other, counted, "name" in using, namesakes if COMPANY in shared else None)


def _person(one: Traits, other: Traits, shared: frozenset[str], by_name: bool) -> Verdict:
    alike = person_likeness(one.person, other.person) if by_name else 0
    is_same_company = by_name and company_likeness(one.company, other.company) >= SAME_NAME
    has_full_name = " " in one.person and " " in other.person
    score = 0
    if "email" in shared:
        score = 98 if alike >= LIKE_NAME else 65
    if "phone" in shared:
        score = max(score, 96 if alike >= LIKE_NAME else 45)
    if alike >= SAME_NAME and has_full_name:
        score = max(score, 88 if is_same_company or "local_phone" in shared else 60)
    elif alike >= LIKE_NAME and not has_full_name and is_same_company:
        score = max(score, 58)  # «احمدی» and «سارا احمدی» of one company
    if "national_id" in shared:
        score = 100
    name = ("name",) if alike >= LIKE_NAME else ()
    company = ("company",) if is_same_company else ()
    return Verdict(about=PERSON, score=score, codes=(*_order(shared), *name, *company), alike=alike)


def _company(
    one: Traits, other: Traits, shared: frozenset[str], by_name: bool, namesakes: Collection[Traits] | None
) -> Verdict:
    alike = company_likeness(one.company, other.company) if by_name else 0
    is_ambiguous = alike >= SAME_NAME and any(_is_of_another(known, one, other) for known in namesakes or ())
    score = 0
    if "website" in shared:
        score = 96 if alike >= LIKE_NAME else 82
    if "email" in shared:
        score = max(score, 96 if alike >= LIKE_NAME else 65)
    if "phone" in shared:
        score = max(score, 96 if alike >= LIKE_NAME else 50)
    if alike >= SAME_NAME:
        score = max(
            score, 92 if "local_phone" in shared else _by_name(one, other, is_ambiguous, is_known=namesakes is not None)
        )
    elif alike >= LIKE_NAME:
        score = max(score, 52 if not _elsewhere(one, other) else 40)
    if "national_id" in shared:
        score = 100
    name = ("name",) if alike >= LIKE_NAME else ()
    return Verdict(about=COMPANY, score=score, codes=(*_order(shared), *name), alike=alike, is_ambiguous=is_ambiguous)


def _by_name(one: Traits, other: Traits, is_ambiguous: bool, *, is_known: bool) -> int:
    """The same name alone, weighed by how telling it is, by what else is known of both, and by who else is called so.

    Register offices refuse a name twice, form included: with the place it is trusted even of a mere trade and region. Less is
    trusted only as long as no namesake shows that several companies have the name. Not `is_known`: the name is only nearly
    the same, or so many have it that nobody looked.
    """
    name = _fuller_name(one, other)
    telling, own = is_telling(name), own_words(name)
    if _contradict(one, other, telling) or (not telling and one.areas and other.areas):
        return 70 if telling else 62
    is_near = bool(one.towns & other.towns or one.areas & other.areas)
    is_registered = bool(one.forms & other.forms)
    if is_known and is_near and (telling or is_registered):
        return 86
    if is_ambiguous or not is_known:
        return 72
    if telling:
        return 84
    return 82 if own and (is_near or is_registered) else 72


def _fuller_name(one: Traits, other: Traits) -> str:
    """The name with more words: «پارسشیمی» is پارس شیمی, a region and a trade."""
    return max(one.company, other.company, key=lambda name: name.count(" "))


def _is_of_another(namesake: Traits, one: Traits, other: Traits) -> bool:
    """Whether a namesake of the two is surely another company than one of them."""
    telling = is_telling(_fuller_name(one, other))
    return _contradict(namesake, one, telling) or _contradict(namesake, other, telling)


def _contradict(one: Traits, other: Traits, telling: bool) -> bool:
    """Whether two of one name are two companies: elsewhere, with a site of its own or, if the name tells little, of another form."""
    return (
        _elsewhere(one, other) or _differ(one.sites, other.sites) or (not telling and _differ(one.forms, other.forms))
    )


def _elsewhere(one: Traits, other: Traits) -> bool:
    """Whether both say where they are, and it is not the same place. A town that we don't know may be a suburb of the other."""
    if one.towns & other.towns:
        return False
    return _differ(one.areas, other.areas) or _differ(one.towns & KNOWN, other.towns & KNOWN)


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)


def is_telling(company: str) -> bool:
    """Whether chance would hardly give two companies this name: it has two words that are not just a trade or a region."""
    own = own_words(company)
    return own >= 2 or (own == 1 and len(company.split()) >= 3)


def own_words(company: str) -> int:
    """How many words of a name are neither a trade nor a region nor said twice."""
    said = company.split()
    return sum(said.count(word) == 1 and word not in GENERIC for word in said)


def _order(shared: Collection[str]) -> list[str]:
    return [code for code in ("national_id", "email", "phone", "local_phone", "website") if code in shared]


def person_likeness(one: str, other: str) -> int:
    """How alike two persons' names are in percent; a missing first name is no difference, the order of the words neither."""
    if not one or not other:
        return 0
    ratio = max(fuzz.token_sort_ratio(one, other), fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")))
    shorter, longer = sorted((one, other), key=lambda name: len(name.split()))
    if len(shorter.split()) == 1 and shorter in longer.split():
        ratio = max(ratio, LIKE_NAME + 5)
    return round(ratio)


def company_likeness(one: str, other: str) -> int:
    """How alike two companies' names are in percent, whatever the order and the spacing of their words."""
    if not one or not other:
        return 0
    return round(max(fuzz.token_sort_ratio(one, other), fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))))
