import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.accounts import person

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
WRONG = "The user name or password is not right."


@pytest.fixture
def sara():
    user = person("sara", language="en")
    user.set_password("right-horse-battery")
    user.save()
    return user


def sign_in(client, password, name="sara", **more):
    return client.post(LOGIN, {"login": name, "password": password, **more}, headers={"accept-language": "en"})


@pytest.mark.usefixtures("sara")
def test_signing_in_opens_the_page_that_was_asked_for(client):
    assert sign_in(client, "right-horse-battery", next="/profile/").url == "/profile/"


@pytest.mark.usefixtures("sara")
def test_a_new_session_begins_at_signing_in(client):
    client.get(LOGIN)
    client.session["before"] = True
    before = client.session.session_key
    sign_in(client, "right-horse-battery")
    assert client.session.session_key != before


def test_a_session_lasts_until_its_end(client, sara):
    client.force_login(sara, backend="django.contrib.auth.backends.ModelBackend")
    answers = []
    for left in (1, 0):
        Session.objects.update(expire_date=timezone.now() + dt.timedelta(minutes=left))
        answers.append(client.get("/profile/").status_code)
    assert answers == [200, 302]


def test_a_key_that_was_never_given_out_is_no_session(client):
    assert client.get("/profile/", headers={"cookie": r'sessionid="\000bcdefgh"'}).status_code == 302


@pytest.mark.usefixtures("sara")
@pytest.mark.parametrize("name", ["sara", "nobody"])
def test_one_message_for_a_wrong_name_and_a_wrong_password(client, name):
    page = sign_in(client, "wrong", name=name).content.decode()
    assert WRONG in page
    assert 'role="alert"' in page


@pytest.mark.usefixtures("sara")
def test_five_wrong_passwords_lock_the_door_for_a_while(client):
    answers = [sign_in(client, "wrong").status_code for _try in range(5)]
    locked = sign_in(client, "right-horse-battery")
    assert answers == [200, 200, 200, 200, 429]
    assert locked.status_code == 429
    assert "Too many tries" in locked.content.decode()


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example"])
@pytest.mark.usefixtures("sara")
def test_a_foreign_next_page_is_not_followed(client, address):
    assert sign_in(client, "right-horse-battery", next=address).url == "/"


def test_signing_out_needs_a_press_and_ends_the_session(client, sara):
    client.force_login(sara)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/profile/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/profile/").status_code == 302


def test_a_changed_password_closes_the_other_sessions(client, sara):
    elsewhere = Client()
    for session in (client, elsewhere):
        session.force_login(sara)
    passwords = {
        "oldpassword": "right-horse-battery",
        "password1": "new-horse-battery",
        "password2": "new-horse-battery",
    }
    client.post("/accounts/password/change/", passwords)
    assert [session.get("/profile/").status_code for session in (client, elsewhere)] == [200, 302]


@pytest.mark.parametrize("closed", ["signup", "email", "password/set", "password/reset", "confirm-email", "login/code"])
def test_the_other_pages_for_accounts_are_closed(client, closed):
    assert client.get(f"/accounts/{closed}/").status_code == 404
