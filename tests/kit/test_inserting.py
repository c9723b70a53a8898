"""Rows that are inserted together hold what rows hold that are saved one by one."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crm.kit.inserting import insert
from crm.related.models import Comment, Dossier
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def test_the_hour_that_comes_twice_when_clocks_are_set_back_stays_two(sara):
    LeadFactory(assigned_to=sara)
    first = dt.datetime(2021, 9, 21, 23, 30, tzinfo=ZoneInfo("Asia/Tehran"))
    home, times = Dossier.objects.get(), [first, first.replace(fold=1)]
    insert([Comment(dossier=home, body="Call", created_by=sara, created_at=time) for time in times])
    kept = Comment.objects.order_by("pk").values_list("created_at", flat=True)
    assert list(kept) == [time.astimezone(dt.UTC) for time in times]
