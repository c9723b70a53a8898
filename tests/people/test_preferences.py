import pytest
from django.urls import reverse

from tests.accounts import person

pytestmark = pytest.mark.django_db
URL = reverse("preferences")


def test_the_language_is_kept_for_the_user_and_in_a_cookie(client):
    sara = person("sara")
    client.force_login(sara)
    answer = client.post(URL, {"language": "en", "next": "/profile/?a=1"})
    sara.refresh_from_db()
    assert (answer.status_code, answer.url, sara.language) == (302, "/profile/?a=1", "en")
    assert answer.cookies["django_language"].value == "en"


def test_the_language_of_somebody_who_has_not_signed_in_is_kept_in_a_cookie(client):
    client.post(URL, {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en" dir="ltr"' in client.get("/accounts/login/").content.decode()


def test_the_theme_is_drawn_by_the_server(client):
    client.force_login(person("sara", language="en"))
    client.post(URL, {"theme": "dark"})
    assert (
        '<html lang="en" dir="ltr" data-bs-theme="dark" data-theme="dark">' in client.get("/profile/").content.decode()
    )


def test_what_is_no_choice_changes_nothing(client):
    sara = person("sara", language="fa")
    client.force_login(sara)
    client.post(URL, {"language": "xx", "theme": "pink", "is_superuser": "1"})
    sara.refresh_from_db()
    assert (sara.language, sara.theme, sara.is_superuser) == ("fa", "", False)


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https:evil.example", "/\\evil.example", "\thttps://evil.example", "javascript:alert(1)", ""],
)
def test_a_foreign_address_is_not_followed(client, address):
    assert client.post(URL, {"language": "en", "next": address}).url == "/"


def test_reading_changes_nothing(client):
    assert client.get(URL).status_code == 405
