import pytest

from crm.people.models import User
from tests.accounts import person

pytestmark = pytest.mark.django_db
CHOICES = {"language": "en", "theme": "dark", "calendar": "jalali", "digits": "latin", "has_shortcuts": "on"}


def test_everybody_changes_their_own_preferences(client):
    client.force_login(person("reader"))
    answer = client.post("/profile/", {**CHOICES, "username": "boss", "is_staff": "on"})
    kept = User.objects.values(*CHOICES, "is_staff").get(username="reader")
    assert answer.status_code == 302
    assert kept == {**CHOICES, "has_shortcuts": True, "is_staff": False}


def test_the_page_answers_in_the_language_just_chosen(client):
    client.force_login(person("sara", language="fa"))
    page = client.post("/profile/", CHOICES, follow=True).content.decode()
    assert '<html lang="en"' in page
    assert "Preferences saved." in page


def test_an_impossible_choice_is_told_at_the_field(client):
    client.force_login(person("sara", language="en"))
    answer = client.post("/profile/", {**CHOICES, "calendar": "maya"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_calendar_error"' in page
    assert 'id="id_calendar_error"' in page
    assert '<a href="#id_calendar">' in page


def test_switched_off_shortcuts_are_not_on_the_page(client):
    client.force_login(person("sara", has_shortcuts=False))
    assert 'data-shortcuts="' not in client.get("/profile/").content.decode()


def test_a_stranger_is_sent_to_sign_in(client):
    assert client.get("/profile/").url == "/accounts/login/?next=/profile/"
