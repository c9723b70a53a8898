"""The people of the tests, with the roles of the demo: sara sells, omid sells in another team, reader only reads."""

from typing import Any

from django.contrib.auth.models import Group

from crm.people import roles
from crm.people.models import Team, User

ROLES = {
    "admin": roles.ADMINISTRATORS,
    "manager": roles.MANAGERS,
    "sara": roles.SALESPEOPLE,
    "omid": roles.SALESPEOPLE,
    "reader": roles.READERS,
}
TEAMS = {"sara": "Tehran", "omid": "Shiraz"}


def person(name: str, **more: Any) -> User:
    """Make one of the demo's people; `more` are further columns."""
    team = Team.objects.get_or_create(name=TEAMS[name])[0] if name in TEAMS else None
    user = User.objects.create(username=name, team=team, **more)
    user.groups.add(Group.objects.get(name=ROLES[name]))
    return user
