"""Prepared questions see what `visible_to` sees, for every kind of user, whoever asked before."""

import pytest

from crm.people.models import User
from crm.people.seen import LARGEST, Seen
from crm.records.models import Contact
from tests.accounts import ROLES, person
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


def facts(records):
    return [(record.__dict__.keys(), record.pk, record.created_at, record.assigned_to.username) for record in records]


def test_prepared_questions_see_what_is_visible():
    asked = Seen(lambda records, pks: records.filter(pk__in=pks).select_related("assigned_to").order_by("pk"))
    people = {name: person(name) for name in ROLES}
    made = [ContactFactory(assigned_to=people[name]).pk for name in ("sara", "omid", "sara", "manager")]
    people["omid"].team.members.add(people["reader"])
    for change in ({}, {"team": None}, {"is_superuser": True}, {"is_active": False}):
        User.objects.update(**change)
        for user in User.objects.order_by("pk"):
            for pks in ([], made[:1], made[1:], made * LARGEST):
                expected = Contact.objects.visible_to(user).filter(pk__in=pks).select_related("assigned_to")
                assert facts(asked.records(Contact, user, pks)) == facts(expected.order_by("pk"))


def test_one_who_may_see_nothing_is_not_even_asked_for(django_assert_num_queries):
    user = person("sara", is_active=False)
    with django_assert_num_queries(0):
        assert Seen(lambda records, pks: records.filter(pk__in=pks)).records(Contact, user, [1]) == []
