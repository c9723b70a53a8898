"""Search indexes on PostgreSQL, and nothing of them on SQLite."""

import pytest
from django.db import connection

from crm.records.trigrams import check_trigrams
from leads.lock import check_triggers

pytestmark = pytest.mark.django_db


def test_checks_of_the_database_find_nothing_wrong():
    assert check_trigrams(None, ["default"]) == check_triggers(None, ["default"]) == []


def test_every_module_has_its_index_where_the_database_can():
    with connection.cursor() as cursor:
        tables = ("leads_lead", "records_organization", "records_contact", "records_opportunity")
        names = {name for table in tables for name in connection.introspection.get_constraints(cursor, table)}
    wanted = {f"{table}_words" for table in tables}
    assert wanted & names == (wanted if connection.vendor == "postgresql" else set())
