"""Installations of the product for tests that need real processes, and may kill them: each has a database of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings

from tests import postgres

ROOT = Path(__file__).resolve().parents[2]
IS_POSTGRESQL = "postgresql" in settings.DATABASES["default"]["ENGINE"]
collect_ignore = (
    [] if IS_POSTGRESQL else ["test_postgresql_role.py", "test_backend_kills.py", "test_deadlocks.py"]
)  # of PostgreSQL alone


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A migrated, empty database and a folder for its files. `url` is empty for SQLite."""

    home: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        own = {"DEBUG": "1", "LANGUAGE_CODE": "en", "VAR_DIR": str(self.home), "DATABASE_URL": self.url}
        return {**os.environ, **own}

    def python(self, *arguments: str) -> str:
        """Run Python in this installation and give what it prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    def play(self, scenario: str, **choices: Any) -> dict[str, Any]:
        """Play a scenario of `tests.trust.scenarios` and give its report."""
        told: dict[str, Any] = json.loads(self.python("-m", "tests.trust.scenarios", scenario, json.dumps(choices)))
        return told


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL of these tests' own, which keeps what it acknowledged; "" on SQLite."""
    if not IS_POSTGRESQL:
        yield ""
        return
    with postgres.cluster(durable=True) as url:
        yield url


@pytest.fixture(scope="session")
def template(cluster, tmp_path_factory) -> Installation:
    made = Installation(home=tmp_path_factory.mktemp("template"), url=cluster)
    made.manage("migrate", "--verbosity", "0")
    return made


@pytest.fixture
def installation(template, tmp_path) -> Installation:
    """A fresh copy of the migrated database."""
    if not template.url:
        shutil.copytree(template.home, tmp_path, dirs_exist_ok=True)
        return Installation(home=tmp_path, url="")
    base, _slash, name = template.url.rpartition("/")
    copy = f"copy_{os.getpid()}_{abs(hash(tmp_path))}"
    link = psycopg2.connect(f"{base}/postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    link.close()
    return Installation(home=tmp_path, url=f"{base}/{copy}")
