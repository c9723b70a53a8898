"""What makes two companies of one name surely, or only perhaps, the same."""

import pytest

from crm.matching.names import company_core, legal_form
from crm.matching.phones import area, number
from crm.matching.places import town
from crm.matching.reasons import reasons
from crm.matching.scoring import compare
from crm.matching.traits import COMPANY, FORM, PERSON, PHONE, TOWN, WEBSITE, Trait, gather

USING = frozenset({"email", "phone", "local_phone", "website", "national_id", "name"})


def company(name, city="", phone="", site=""):
    kinds = {FORM: legal_form(name), TOWN: town(city), PHONE: number(phone), WEBSITE: site}
    return gather(
        [Trait(COMPANY, "", company_core(name)), *(Trait(kind, value) for kind, value in kinds.items() if value)]
    )


@pytest.mark.parametrize(
    ("one", "other", "is_strong"),
    [
        # a name of its own
        (["پیمان فردان"], ["بازرگانی پيمان فردان"], True),
        (["پیمان فردان", "تهران"], ["پیمان فردان", "Tehran"], True),
        (["پیمان فردان", "تهران"], ["پیمان فردان", "کرمان"], False),
        (["پیمان فردان", "", "021-88776655"], ["پیمان فردان", "", "034-32110099"], False),
        (["پیمان فردان", "", "", "fardan.ir"], ["پیمان فردان", "", "", "peyman.ir"], False),
        (["پیمان فردان", "", "", "fardan.ir"], ["پیمان فردان", "", "", "fardan.com"], True),
        (["Goodman-Hoffman Ltd", "Oldtown"], ["Goodman & Hoffman Inc", "Newtown"], True),
        # one word of its own: the form belongs to the name
        (["Ward Inc", "Oldtown"], ["The Ward Inc, Ltd.", "Newtown"], True),
        (["Ward Inc"], ["Ward Group"], False),
        (["Ward"], ["Ward Inc"], False),
        (["سولیران", "رشت"], ["سولیران", "رشت"], True),
        (["پارس شیمی", "یزد"], ["پارسشیمی", "یزد"], False),
        # trades and regions only
        (["سیمان فارس"], ["سیمان فارس"], False),
        (["سیمان فارس", "شیراز"], ["سیمان فارس", "شیراز"], False),
        (["سیمان فارس (سهامی خاص)", "شیراز"], ["سیمان فارس سهامی خاص", "شیراز"], True),
        (["سیمان فارس (سهامی خاص)", "شیراز"], ["سیمان فارس (مسئولیت محدود)", "شیراز"], False),
    ],
)  # fmt: skip
def test_same_name_is_strong_only_as_far_as_it_tells(one, other, is_strong):
    verdicts = [
        compare(company(*a), company(*b), {COMPANY}, about=COMPANY, using=USING)
        for a, b in ((one, other), (other, one))
    ]
    assert [verdict.score >= 80 for verdict in verdicts] == [is_strong, is_strong]
    assert all(verdict.score >= 50 for verdict in verdicts)


@pytest.mark.parametrize(
    ("pair", "namesake", "is_strong", "text"),
    [
        (["Ward Inc"], ["Ward Inc"], True, "Same company name"),
        (["Ward Inc"], ["Ward"], True, "Same company name"),
        (["Ward Inc"], ["Ward Group"], False, "Same company name, which others have too"),
        (["سولیران", "رشت"], ["سولیران", "یزد"], False, "Same company name, which others have too"),
        (["سولیران سهامی خاص", "رشت"], ["سولیران", "یزد"], True, "Same company name, which others have too"),
        (["پیمان فردان"], ["پیمان فردان", "یزد"], True, "Same company name"),
        (["پیمان فردان", "رشت"], ["پیمان فردان", "یزد"], True, "Same company name, which others have too"),
        (["پیمان فردان", "", "", "fardan.ir"], ["پیمان فردان", "", "", "fardin.ir"], False, "Same company name, which others have too"),
    ],
)  # fmt: skip
def test_name_that_several_companies_have_needs_the_place_too(pair, namesake, is_strong, text):
    one, known = company(*pair), company(*namesake)
    verdict = compare(one, one, {COMPANY}, about=COMPANY, using=USING, namesakes=[known])
    assert (verdict.score >= 80, [reason.text for reason in reasons(verdict)]) == (is_strong, [text])


def test_missing_first_name_is_shown_in_the_same_company_and_not_elsewhere():
    names = [Trait(PERSON, "", "احمدی"), Trait(COMPANY, "", "پیمان فردان")]
    other = gather([Trait(PERSON, "", "سارا احمدی"), Trait(COMPANY, "", "پیمان فردان")])
    scores = [compare(gather(traits), other, (), about=PERSON, using=USING).score for traits in (names, names[:1])]
    assert scores == [58, 0]


def test_name_that_is_nearly_the_same_or_that_very_many_have_is_only_likely():
    one = company("پیمان فردان", "رشت")
    assert compare(one, one, (), about=COMPANY, using=USING).score == 72


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Ward Limited", "ltd"), ("Ward Co., Ltd.", "ltd"), ("Ward Inc LLC", "inc"), ("The Ward Group, Inc.", "group"), ("Ward", ""),
        ("شرکت سهامی خاص پارس", "سهامی خاص"), ("پارس (سهامي خاص)", "سهامی خاص"), ("شرکت پارس (مسئولیت محدود)", "مسیولیت محدود"), ("شرکت پارس", ""),
    ],
)  # fmt: skip
def test_form_of_a_company_is_the_one_next_to_its_name(name, form):
    assert legal_form(name) == form


def test_where_mobiles_have_area_codes_they_tell_no_place():
    assert [area(number(typed)) for typed in ("021-88776655", "09123456789", "+1 212 736 5000")] == ["+9821", "", ""]
