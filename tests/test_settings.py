"""An installation that lacks what it needs doesn't start, and says why."""

import os
import subprocess
import sys

import pytest


def start(**environment):
    clean = {name: value for name, value in os.environ.items() if name not in ("DEBUG", "SECRET_KEY", "DEMO")}
    command = [sys.executable, "-c", "import crm.settings"]
    return subprocess.run(command, env={**clean, **environment}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "Set SECRET_KEY"),
        ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0"),
        ({"SECRET_KEY": "x" * 50, "HTTPS": "perhaps"}, "HTTPS must be 1 or 0"),
        ({"SECRET_KEY": "x" * 50, "EMAIL_URL": "http://mail"}, "EMAIL_URL must begin with smtp"),
    ],
)
def test_it_refuses_to_start(environment, complaint):
    run = start(**environment)
    assert (run.returncode != 0, complaint in run.stderr) == (True, True)


def test_it_starts_with_what_it_needs():
    assert start(SECRET_KEY="x" * 50, ALLOWED_HOSTS="crm.example.com").returncode == 0


NAMES = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ["", 25, "", "", False, False]),
        ({"EMAIL_URL": "smtp://crm%40x.ir:a%2Fb@mail.x.ir"}, ["mail.x.ir", 587, "crm@x.ir", "a/b", True, False]),
        ({"EMAIL_URL": "smtps://u:p@mail.x.ir:4465"}, ["mail.x.ir", 4465, "u", "p", False, True]),
        ({"EMAIL_URL": "smtp://localhost"}, ["localhost", 25, "", "", False, False]),
        ({"EMAIL_HOST": "mail", "EMAIL_PORT": "2525", "EMAIL_USE_TLS": "1"}, ["mail", 2525, "", "", True, False]),
    ],
)
def test_the_mail_server_comes_from_the_environment(environment, expected):
    code = f"from crm import settings; print([getattr(settings, 'EMAIL_' + name) for name in {NAMES}], settings.SENDS_EMAIL)"
    given = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "crm.example.com", **environment}
    run = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    assert run.stdout.split("\n")[0] == f"{expected} {bool(expected[0])}"
