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
    ],
)
def test_it_refuses_to_start(environment, complaint):
    run = start(**environment)
    assert (run.returncode != 0, complaint in run.stderr) == (True, True)


def test_it_starts_with_what_it_needs():
    assert start(SECRET_KEY="x" * 50, ALLOWED_HOSTS="crm.example.com").returncode == 0
