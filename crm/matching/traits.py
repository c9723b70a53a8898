"""By what a record is known again: e-mails, phones, web domain, names, town, national id. Pure: from the record's fields."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm.kit.fold import fold
from crm.matching import names, phones
from crm.matching.domains import domain, mail_domain
from crm.matching.places import town

EMAIL, PHONE, LOCAL_PHONE, WEBSITE, NATIONAL_ID = "email", "phone", "local_phone", "website", "national_id"
PERSON, COMPANY, TOWN, FORM = "person", "company", "town", "form"
COMPARED = (PERSON, COMPANY, TOWN, FORM, PHONE, WEBSITE)  # the kinds of which `gather` makes something
LENGTH = 150  # characters of a key that are kept

# Custom fields that hold a number which the state gave to one person or company only.
NATIONAL_IDS = ("cf_national_id", "cf_national_code", "cf_tax_id", "cf_economic_code")


class Trait(NamedTuple):
    """One key of a record. `value` is compared exactly; `text` is the name behind it, for likeness; "" for other kinds."""

    kind: str
    value: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The fields of a module in which each kind of key is found."""

    person: tuple[str, ...] = ()
    company: str = ""
    emails: tuple[str, ...] = ("email", "secondary_email")
    phones: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    town: str = ""


SOURCES = {
    "lead": Source(
        person=("first_name", "last_name"), company="company", phones=("phone", "mobile"), websites=("website",), town="city"
    ),
    "organization": Source(
        company="name", phones=("phone", "other_phone"), websites=("website",), town="billing_city"
    ),
    "contact": Source(
        person=("first_name", "last_name"), phones=("office_phone", "mobile", "home_phone", "other_phone"), town="mailing_city"
    ),
}  # fmt: skip
HOLDERS = tuple(SOURCES)  # the modules whose records have keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What two records are compared by beside the exact keys they share."""

    person: str = ""
    company: str = ""
    towns: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()  # the area codes of a company's landlines
    forms: frozenset[str] = frozenset()  # the company's legal form
    sites: frozenset[str] = frozenset()  # its domains without their endings


def gather(traits: Iterable[Trait]) -> Traits:
    """Put one record's traits together."""
    found = list(traits)
    names_of = {trait.kind: trait.text for trait in found if trait.text}
    numbers = [trait.value for trait in found if trait.kind == PHONE] if COMPANY in names_of else []
    return Traits(
        person=names_of.get(PERSON, ""),
        company=names_of.get(COMPANY, ""),
        towns=frozenset(trait.value for trait in found if trait.kind == TOWN),
        areas=frozenset(code for number in numbers if (code := phones.area(number))),
        forms=frozenset(trait.value for trait in found if trait.kind == FORM),
        sites=frozenset(trait.value.partition(".")[0] for trait in found if trait.kind == WEBSITE),
    )


def traits_of(record: Any) -> list[Trait]:
    """The keys of a record, each once, in a fixed order."""
    source = SOURCES[record.module.key]
    found = {trait[:2]: trait for trait in _traits(record, source) if trait.value}
    return sorted(found.values())


def _traits(record: Any, source: Source) -> Iterator[Trait]:
    emails = [fold(value).replace(" ", "") for key in source.emails if "@" in (value := getattr(record, key))]
    typed = [text for key in source.phones if (text := getattr(record, key))]
    for email in emails:
        yield Trait(EMAIL, email[:LENGTH])
    for text in typed:
        number = phones.number(text)
        yield Trait(PHONE if number.startswith("+") else LOCAL_PHONE, number[:LENGTH])
        yield Trait(LOCAL_PHONE, phones.local(text))
    if source.company:
        websites = [domain(getattr(record, key)) for key in source.websites]
        yield from (Trait(WEBSITE, one[:LENGTH]) for one in [*websites, *map(mail_domain, emails)])
        core = names.company_core(getattr(record, source.company))
        yield Trait(COMPANY, names.letters(core)[:LENGTH], core[:LENGTH])
        yield Trait(FORM, names.legal_form(getattr(record, source.company)))
    if source.person:
        name = names.person_name(*(getattr(record, key) for key in source.person))
        yield Trait(PERSON, names.letters(name)[:LENGTH], name[:LENGTH])
    yield Trait(TOWN, town(getattr(record, source.town)))
    for key in NATIONAL_IDS:
        yield Trait(NATIONAL_ID, fold(str(record.custom.get(key) or "")).replace(" ", "").replace("-", "")[:LENGTH])
