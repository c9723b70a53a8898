"""Where is measured: SQLite as it is installed (WAL, synchronous=FULL) and PostgreSQL with fsync on; each with its copies."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests import postgres

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database and a folder. `url` is empty for SQLite."""

    engine: str
    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "SECRET_KEY": "only-for-the-benchmark-" + "0" * 40,
            "DEBUG": "0",
            "HTTPS": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "LANGUAGE_CODE": "fa",
            "DJANGO_SETTINGS_MODULE": "crm.settings",
            "VAR_DIR": str(self.home),
            "DATABASE_URL": self.url,
        }
        return {**os.environ, **own}

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def copy(self, name: str) -> "Place":
        """An exact copy, for another way to do the same work."""
        home = self.home.parent / name
        if not self.url:
            shutil.copytree(self.home, home)
            return Place(engine=self.engine, home=home)
        home.mkdir()
        base, _slash, own = self.url.rpartition("/")
        link = psycopg2.connect(f"{base}/postgres")
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{own}"')
            cursor.execute("CHECKPOINT")
        link.close()
        return Place(engine=self.engine, home=home, url=f"{base}/{name}")


@contextmanager
def place(engine: str) -> Iterator[Place]:
    """A migrated, empty place on the machine's disk; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tabdil-bench-") as folder:
        home = Path(folder) / "first"
        home.mkdir()
        if engine == "SQLite":
            made = Place(engine=engine, home=home)
            made.python("manage.py", "migrate", "--verbosity", "0")
            yield made
            return
        with postgres.cluster(durable=True) as url:
            made = Place(engine=engine, home=home, url=url)
            made.python("manage.py", "migrate", "--verbosity", "0")
            yield made


def engines() -> list[str]:
    return ["SQLite", *(["PostgreSQL"] if postgres.programs() else [])]
