"""The demo goes where nothing can be spoilt, and nowhere else."""

import pytest
from django.core.management import CommandError, call_command

from crm.people.models import User
from leads.models import Conversion, Lead

pytestmark = pytest.mark.django_db


def test_the_demo_fills_an_empty_installation_once(settings):
    settings.DEMO = True
    for _time in range(2):
        call_command("demo", verbosity=0)
    assert set(User.objects.values_list("username", flat=True)) == {"admin", "manager", "sara", "omid", "reader"}
    assert (Lead.everything.count(), Conversion.objects.count()) == (300, 24)


def test_an_installation_that_is_no_demo_is_left_alone(settings):
    settings.DEBUG = settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        call_command("demo")
    assert not User.objects.exists()


def test_accounts_with_a_known_password_never_join_real_ones(settings):
    settings.DEBUG, settings.DEMO = False, True
    User.objects.create(username="admin")
    with pytest.raises(CommandError, match="People work in this database"):
        call_command("demo")
    assert User.objects.count() == 1
