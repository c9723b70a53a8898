"""Backup and restore as docs/backup.md has them, while conversions go on."""

import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from tests import postgres
from tests.trust.conftest import IS_POSTGRESQL, ROOT, Installation
from tests.trust.documentation import commands

ENGINE = "postgresql" if IS_POSTGRESQL else "sqlite"


def run(block: str, installation: Installation, backup: Path) -> str:
    programs = [str(Path(sys.executable).parent), str(postgres.programs() or ""), installation.environment["PATH"]]
    variables = {
        "PATH": ":".join(programs),
        "BACKUP": str(backup),
        "DOCUMENTS": str(installation.home / "documents"),
        "DATABASE": str(installation.home / "tabdil.sqlite3"),
    }
    script = commands("backup.md", f"sh {ENGINE} {block}")
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT,
        env={**installation.environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def elsewhere(installation, tmp_path_factory) -> Installation:
    """Another machine: an empty database and an empty folder."""
    home = tmp_path_factory.mktemp("elsewhere")
    if not IS_POSTGRESQL:
        return Installation(home=home, url="")
    base, _slash, name = installation.url.rpartition("/")
    link = psycopg2.connect(f"{base}/postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "restored_{name}" TEMPLATE template0')
    link.close()
    return Installation(home=home, url=f"{base}/restored_{name}")


def test_a_backup_taken_while_people_work_is_whole_elsewhere(installation, elsewhere, tmp_path_factory):
    backup = tmp_path_factory.mktemp("backup")
    first = installation.play("with_documents", count=5)
    working = subprocess.Popen(
        [sys.executable, "-m", "tests.trust.scenarios", "with_documents", '{"count": 40}'],
        cwd=ROOT,
        env=installation.environment,
        stdout=subprocess.PIPE,
    )
    run("backup", installation, backup)
    working.communicate(timeout=120)
    assert run("restore", elsewhere, backup) == "No violations.\n"
    told = elsewhere.play("look")
    assert first["conversions"] == 5 <= told["conversions"]
    assert told["violations"] == []
    assert len(list((elsewhere.home / "documents").rglob("*.txt"))) >= 10


def test_a_missing_or_shorter_file_is_named(installation):
    installation.play("with_documents", count=2)
    one, other = sorted((installation.home / "documents").rglob("*.txt"))[:2]
    one.unlink()
    other.write_text("")
    violations = installation.play("look")["violations"]
    assert sorted(line.split(" of document")[0] for line in violations) == ["The file", "The file"]
    assert {"missing" in line for line in violations} == {True, False}
