"""The three rules of a mapping row (PRODUCT §1), tried on fields of every type and size."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crm.fields import dictionary
from crm.fields.dictionary import Dictionary, Option
from crm.fields.kinds import KINDS, LINK, USER
from crm.fields.registry import Field
from mapping.defaults import ROWS
from mapping.models import Link
from mapping.rules import duplicates, problem
from mapping.table import current

MAPPABLE = sorted(set(KINDS) - {"link", "user"})
WORDS = ("red", "green", "blue", "سبز")


@st.composite
def fields(draw, kind=None):
    """A custom field of any type, with sizes that a custom field of that type may have."""
    key = draw(st.sampled_from(sorted(KINDS)) if kind is None else kind)
    places = draw(st.integers(0, 5))
    return Field(
        key=draw(st.sampled_from(["cf_a", "cf_b", "cf_c"])),
        label="Field",
        kind=KINDS[key],
        length=draw(st.none() | st.integers(1, 300)) if KINDS[key].size == "length" else None,
        digits=places + draw(st.integers(1, 20)) if KINDS[key].size == "digits" else None,
        places=places if KINDS[key].size == "digits" else None,
        picklist=draw(st.sampled_from(["few", "many"])) if KINDS[key].chooses else "",
        custom=True,
        module="lead",
    )


def option(value, *, retired=False):
    return Option(value=value, label_en=value, label_fa=value, retired=retired)


@pytest.fixture(autouse=True)
def lists(fresh_start):
    """Two lists: the options of the first are among those of the second."""
    many = [option(word) for word in WORDS]
    token = dictionary._current.set(Dictionary(options={"few": many[:2], "many": many}))
    yield
    dictionary._current.reset(token)


@given(fields(st.sampled_from(MAPPABLE)))
def test_a_field_goes_into_one_like_itself(field):
    assert problem(field, field) is None


@given(fields(), fields())
def test_another_type_never_fits(source, target):
    if source.kind is not target.kind:
        assert problem(source, target).code == "type"


@pytest.mark.parametrize("kind", [LINK, USER])
def test_links_are_made_by_the_conversion_alone(kind):
    field = Field(key="x", label="X", kind=kind)
    assert problem(field, field).code == "type"


@given(fields(st.sampled_from(MAPPABLE)))
def test_what_the_system_keeps_is_no_target(field):
    kept = Field(key="created", label="Created", kind=field.kind, read_only=True)
    assert problem(field, kept).code == "type"


@given(fields(), fields(), fields())
def test_fitting_carries_over(first, second, third):
    if problem(first, second) is None and problem(second, third) is None:
        assert problem(first, third) is None


@given(st.data(), st.sampled_from([key for key in MAPPABLE if KINDS[key].size == "length"]))
def test_a_text_that_the_source_takes_is_taken_by_each_target_that_fits(data, kind):
    source, target = data.draw(fields(st.just(kind))), data.draw(fields(st.just(kind)))
    text = "x" * (source.length or 400)
    if problem(source, target) is None:
        assert target.length is None or len(text) <= target.length
    else:
        assert len(text) > target.length


@given(st.data(), st.sampled_from([key for key in MAPPABLE if KINDS[key].size == "digits" and key != "percent"]))
def test_a_number_that_the_source_takes_is_taken_by_each_target_that_fits(data, kind):
    source, target = data.draw(fields(st.just(kind))), data.draw(fields(st.just(kind)))
    widest = Decimal(10) ** (source.digits - source.places) - Decimal(10) ** -source.places
    source.kind.check(widest, source)
    if problem(source, target) is None:
        target.kind.check(widest, target)
    else:
        with pytest.raises(ValidationError):
            target.kind.check(widest, target)


@given(st.data(), st.sampled_from(["picklist", "multipicklist"]))
def test_the_target_knows_every_option_of_the_source(data, kind):
    source, target = data.draw(fields(st.just(kind))), data.draw(fields(st.just(kind)))
    lacks = source.picklist == "many" and target.picklist == "few"
    found = problem(source, target)
    assert (found and found.code) == ("options" if lacks else None)


def test_an_option_that_was_retired_in_the_target_is_missed():
    dictionary._current.get().options["many"] = [option(word, retired=word == "red") for word in WORDS]
    source, target = (Field(key="a", label="A", kind=KINDS["picklist"], picklist=key) for key in ("few", "many"))
    assert problem(source, target).message.startswith("1 option of the lead field doesn't exist in the target: red.")


def test_a_field_that_is_gone_is_a_problem():
    text = Field(key="a", label="A", kind=KINDS["text"], length=5)
    assert (problem(None, text).code, problem(text, None).code) == ("no_source", "no_target")


@given(st.lists(st.tuples(st.sampled_from(["contact", "organization"]), st.sampled_from("abc"))))
def test_a_target_that_receives_several_sources_is_named(links):
    assert duplicates(links) == {pair for pair in links if links.count(pair) > 1}


@pytest.mark.django_db
def test_the_table_of_a_new_installation_keeps_the_rules():
    dictionary.forget()
    mapping = current()
    assert [arrow for arrow in mapping.arrows if arrow.problem] == []
    assert duplicates((arrow.module, arrow.target) for arrow in mapping.arrows) == set()
    assert mapping.rows() == list(ROWS)


@pytest.mark.django_db
def test_a_locked_row_that_was_changed_behind_the_back_is_a_problem():
    dictionary.forget()
    Link.objects.filter(source="email", module="contact").update(target="birthday")
    broken = {(arrow.source, arrow.target): arrow.problem.code for arrow in current().arrows if arrow.problem}
    assert broken == {("email", "birthday"): "type"}
