"""What all tests share."""

import shutil

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from crm.fields import dictionary
from crm.people.models import User
from tests.accounts import person
from tests.addresses import one_of_everything

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_sessionfinish() -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def fresh_start():
    """Each test reads the dictionary anew, has counted no tries to sign in, and begins in English."""
    dictionary.forget()
    cache.clear()
    with translation.override("en"):
        yield
    dictionary.forget()


@pytest.fixture
def noon(monkeypatch):
    """It stays noon, so that no midnight comes between what a test does and the day that it expects."""
    now = timezone.localtime().replace(hour=12, minute=0)
    monkeypatch.setattr(timezone, "now", lambda: now)


def _persona(name: str):
    @pytest.fixture(name=name)
    def fixture(db) -> User:
        return person(name, language="en")

    return fixture


admin, manager, sara, omid, reader = (_persona(name) for name in ("admin", "manager", "sara", "omid", "reader"))


@pytest.fixture
def sample(sara, admin, tmp_path, settings):
    """One of everything of sara's: its primary key by its kind."""
    settings.MEDIA_ROOT = tmp_path
    return one_of_everything(sara, admin, tmp_path)


@pytest.fixture
def as_user():
    """A browser in which this user is signed in."""

    def sign_in(user: User, **more) -> Client:
        client = Client(**more)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
