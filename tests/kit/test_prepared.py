"""A prepared question answers as the queryset it was made of."""

from typing import Any

import pytest
from django.db.models import BigIntegerField, QuerySet

from crm.kit.prepared import Prepared, Slot
from crm.people.models import User
from crm.people.rights import Rights
from leads.conversion import preferences
from leads.models import ConversionPreferences
from tests.accounts import person

pytestmark = pytest.mark.django_db


def test_rows_are_converted_as_the_orm_does() -> None:
    ConversionPreferences.objects.create(notify_users=[3, 5], notify_managers=True)
    found = preferences.current()
    stored = ConversionPreferences.objects.first()
    assert {name: getattr(found, name) for name in preferences.COLUMNS} == {
        name: getattr(stored, name) for name in preferences.COLUMNS
    }


def test_a_slot_takes_another_value_each_time() -> None:
    def named() -> QuerySet[User, Any]:
        return User.objects.filter(pk=Slot("key", BigIntegerField())).values_list("username")

    question, people = Prepared(named), [person("sara"), person("omid")]
    assert [question.rows(key=user.pk) for user in people] == [[("sara",)], [("omid",)]]


@pytest.mark.parametrize("name", ["sara", "reader", "manager", "admin"])
def test_rights_are_those_that_django_finds(name: str) -> None:
    user = person(name)
    expected = User.objects.get(pk=user.pk).get_all_permissions()
    Rights().has_perm(user, "leads.view_lead")
    assert user._perm_cache == expected  # type: ignore[attr-defined]
