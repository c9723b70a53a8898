"""The role set-up of docs/postgresql.md: the application works, and can't touch what is final."""

import psycopg2
import pytest

from tests.trust.conftest import Installation
from tests.trust.documentation import commands

REFUSED = (
    "TRUNCATE leads_conversion",
    "TRUNCATE leads_lead CASCADE",
    "TRUNCATE related_dossier CASCADE",
    "DELETE FROM leads_conversion",
    "UPDATE leads_conversion SET digest = ''",
    "UPDATE leads_lead SET converted_at = NULL",
    "DELETE FROM leads_lead",
    "DELETE FROM related_dossier WHERE came_from_id IS NOT NULL",
    "ALTER TABLE leads_lead DISABLE TRIGGER ALL",
    "DROP TRIGGER lock_lead_update ON leads_lead",
    "CREATE OR REPLACE FUNCTION lock_lead_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "DROP TABLE leads_conversion",
    "ALTER TABLE leads_conversion ADD COLUMN x int",
    "CREATE TABLE leads_conversion2 (x int)",
)


def execute(url: str, sql: str) -> None:
    link = psycopg2.connect(url)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            for statement in filter(str.strip, sql.split(";\n")):
                cursor.execute(statement)
    finally:
        link.close()


@pytest.fixture(scope="module")
def application(cluster, tmp_path_factory) -> Installation:
    """An installation that was set up as the manual says and is served by the application's role."""
    host, socket = cluster.partition("@")[2].rpartition("/")[0], "postgres://"
    home = tmp_path_factory.mktemp("roles")
    execute(f"{cluster.rpartition('/')[0]}/postgres", commands("postgresql.md", "sql administrator"))
    owner = f"{socket}tabdil_owner@{host}/crm"
    execute(owner, commands("postgresql.md", "sql owner"))
    Installation(home=home, url=owner).manage("migrate", "--verbosity", "0")
    execute(owner, commands("postgresql.md", "sql afterwards"))
    served = Installation(home=home, url=f"{socket}tabdil_app@{host}/crm")
    served.play("with_documents", count=3)
    return served


def test_the_application_does_its_work(application):
    told = application.play("everybody_converts", processes=8, count=5)
    assert (told["violations"], told["winners"], told["conversions"]) == ([], [1], 8)
    assert application.manage("check_integrity") == "No violations.\n"
    assert application.play("delete_meanwhile", count=5)["violations"] == []


@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_can_not_touch_what_is_final(application, statement):
    with pytest.raises(psycopg2.Error):
        execute(application.url, statement)
