"""By what a record is known again, however it was written."""

import pytest

from crm.matching import names, phones
from crm.matching.domains import domain, mail_domain
from crm.matching.places import town
from crm.matching.scoring import company_likeness, person_likeness


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        *((typed, "+982188776655") for typed in (
            "+98 21 8877 6655", "0098 21 88776655", "+98 (0)21 88776655", "021-88776655", "۰۲۱-۸۸۷۷۶۶۵۵", "٠٢١٨٨٧٧٦٦٥٥", "02188776655 داخلی 12",
            "021 88776655 x42", "۸۸۷۷۶۶۵۵ - ۰۲۱", "021-88776655-8", "982188776655",
        )),
        *((typed, "+989123456789") for typed in (
            "09123456789", "9123456789", "+98 912 345 67 89", "00989123456789", "989123456789", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "(0912) 345 6789",
        )),
        ("+49 30 123456", "+4930123456"),
        ("88776655", "~88776655"),
        ("", ""),
        ("12", ""),
        ("none yet", ""),
    ],
)  # fmt: skip
def test_phone_has_one_key_however_it_is_written(typed, key):
    assert phones.number(typed) == key


def test_landline_is_found_without_its_area_code_and_a_mobile_is_not():
    assert [phones.local(typed) for typed in ("021-88776655", "09123456789")] == ["~88776655", ""]


@pytest.mark.parametrize(
    "written",
    [
        "سیمان فارس", "شرکت سیمان فارس", "شركت سيمان فارس (سهامي خاص)", "سیمان‌فارس سهامی عام", "سيمانفارس", "شرکت مهندسی سیمان فارس",
        "  سیمان  فارس (مسئولیت محدود) ", "گروه صنعتی سیمان فارس", "فارس سیمان",
    ],
)  # fmt: skip
def test_persian_company_has_one_key(written):
    assert names.letters(names.company_core(written)) == names.letters(names.company_core("سیمان فارس"))


@pytest.mark.parametrize(
    "written",
    [
        "Goodman-Hoffman",
        "The Goodman-Hoffman Group",
        "GOODMAN HOFFMAN, Inc.",
        "goodman-hoffman co., ltd.",
        "Goodman & Hoffman GmbH",
    ],
)
def test_latin_company_loses_its_legal_form(written):
    assert names.company_core(written).replace(" and ", " ") == "goodman hoffman"


@pytest.mark.parametrize("name", ["شرکت", "Ltd", "Group", "The Company"])
def test_a_name_that_is_only_a_form_stays(name):
    assert names.company_core(name)


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("www.parsaria.ir", "parsaria.ir"), ("https://Shop.Parsaria.co.ir/a?b=1", "parsaria.co.ir"), ("http://user@parsaria.ir:8000", "parsaria.ir"),
        ("example.com", ""), ("http://jessica57.example.com", ""), ("instagram.com/parsaria", ""), ("localhost", ""), ("", ""), ("سایت ندارد", ""),
    ],
)  # fmt: skip
def test_web_address_belongs_to_who_registered_the_domain(address, owner):
    assert domain(address) == owner


@pytest.mark.parametrize(
    "email", ["a@gmail.com", "a@Yahoo.com", "a@chmail.ir", "a@mailfa.com", "no address", "@", "a@"]
)
def test_public_mail_provider_tells_nothing(email):
    assert mail_domain(email) == ""


def test_town_is_the_same_in_both_scripts():
    assert len({town(name) for name in ("تبریز", "تبريز", "Tabriz", " tabriz ")}) == 1


def test_names_are_compared_whatever_the_order_and_spacing():
    assert person_likeness(names.person_name("Ali", "Rezaei"), names.person_name("Rezaei", "Ali")) == 100
    assert person_likeness(names.person_name("عسل", "اکبر پور"), names.person_name("عسل", "اكبرپور")) == 100
    assert 75 <= person_likeness("هومن", "اسما هومن") < 90
    assert person_likeness("علی رضایی", "زهرا کریمی") < 60
    assert company_likeness("پارس شیمی", "پارسشیمی") == 100
    assert 85 < company_likeness("سیمان فارس", "سیمان فارص") < 100
