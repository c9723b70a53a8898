"""The demo accounts (PRODUCT §5): two teams, four roles, one password."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from crm.people import roles
from crm.people.models import Team, User

PASSWORD = "tabdil-demo"  # noqa: S105 - the password that the demo prints
PEOPLE = (
    ("admin", "Nima", "Azizi", roles.ADMINISTRATORS, None, ""),
    ("manager", "مریم", "کریمی", roles.MANAGERS, None, ""),
    ("sara", "سارا", "رضایی", roles.SALESPEOPLE, "تهران", ""),
    ("omid", "Omid", "Sharifi", roles.SALESPEOPLE, "اصفهان", ""),
    ("reader", "لادن", "نیک‌پی", roles.READERS, None, ""),
)


def has_own_accounts() -> bool:
    """Whether there are accounts and not one of them sells for the demo: somebody's real installation."""
    names = set(User.objects.values_list("username", flat=True))
    return bool(names) and names.isdisjoint({"sara", "omid"})


def make_people() -> dict[str, User]:
    """Make the accounts that are missing; those that are there stay as they are."""
    password = make_password(PASSWORD)
    people = {}
    for username, first, last, role, team, language in PEOPLE:
        user, is_new = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "password": password,
                "language": language,
                "email": f"{username}@tabdil.example",
                "team": Team.objects.get_or_create(name=team)[0] if team else None,
            },
        )
        if is_new:
            user.groups.add(Group.objects.get(name=role))
        people[username] = user
    return people
