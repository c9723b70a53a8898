import pytest

from crm.records.models import Organization
from crm.related import filing
from tests.accounts import person
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sara(client):
    user = person("sara", language="en")
    client.force_login(user)
    return user


@pytest.fixture
def pair(sara):
    return (
        OrganizationFactory(name="Parsaria", phone="021 1", description="Old customer", assigned_to=sara),
        OrganizationFactory(
            name="Parsaria", phone="021 2", website="parsaria.ir", description="Demo", assigned_to=sara
        ),
    )


def post(client, kept, gone, **chosen):
    seen = {f"seen-{one.pk}": one.modified_at.isoformat() for one in (kept, gone)}
    wins = {f"wins-{key}": value for key, value in chosen.items()}
    return client.post(f"/organizations/{kept.pk}/merge/?with={gone.number}", {**seen, **wins})


def test_the_page_offers_what_looks_the_same_and_compares_it(client, pair):
    kept, gone = pair
    offered = client.get(f"/organizations/{kept.pk}/merge/").text
    compared = client.get(f"/organizations/{kept.pk}/merge/?with={gone.number}").text
    assert f"?with={gone.number}" in offered
    assert all(text in compared for text in ("021 1", "021 2", "parsaria.ir", 'name="wins-phone"', 'value="append"'))


def test_saving_merges_as_chosen_and_leads_to_the_record(client, pair):
    kept, gone = pair
    response = post(client, kept, gone, phone="take", description="append")
    fresh = Organization.objects.get()
    assert response.headers["Location"] == f"/organizations/{kept.pk}/"
    assert (fresh.phone, fresh.website, fresh.description) == ("021 2", "parsaria.ir", "Old customer\n\nDemo")


@pytest.mark.parametrize("text", ["ORG999999", "Nobody", "", "\0", "ORG0", "ORG99999999999999999999"])
def test_a_record_that_is_not_there_is_asked_for_again(client, pair, text):
    kept, _gone = pair
    response = client.get(f"/organizations/{kept.pk}/merge/", {"with": text})
    assert (response.status_code, "data-error-summary" in response.text) == (422, True)


def test_neither_itself_nor_a_record_of_others_is_taken(client, pair):
    kept, _gone = pair
    hidden = OrganizationFactory(name="Hidden", assigned_to=person("omid"))
    for number in (kept.number, hidden.number):
        response = client.post(f"/organizations/{kept.pk}/merge/?with={number}")
        assert (response.status_code, "Hidden" in response.text) == (422, False)
    assert Organization.objects.count() == 3


def test_a_record_that_changed_meanwhile_is_shown_again_with_the_choices(client, sara, pair):
    kept, gone = pair
    filing.edit(gone, {"phone": "021 3"}, by=sara)
    response = post(client, kept, gone, phone="take")
    assert response.status_code == 409
    assert all(text in response.text for text in ("021 3", 'value="take" aria-describedby="differs-phone" checked'))
    assert Organization.objects.count() == 2


def test_both_texts_that_do_not_fit_are_refused_at_the_field(client, sara):
    kept, gone = (OrganizationFactory(billing_street=letter * 200, assigned_to=sara) for letter in "ab")
    response = post(client, kept, gone, billing_street="append")
    assert (response.status_code, 'href="#wins-billing_street-keep"' in response.text) == (422, True)
