"""Whose a row is: by user name, e-mail or full name."""

from crm.kit.fold import fold
from crm.people.models import User


class Owners:
    """The active users, found by what a file calls them."""

    def __init__(self, fallback: User | None) -> None:
        self.fallback = fallback
        self.by_name: dict[str, User] = {}
        for user in User.objects.filter(is_active=True).order_by("-pk"):
            for name in (user.get_full_name(), f"{user.last_name} {user.first_name}", user.email, user.username):
                if name.strip():
                    self.by_name[fold(name)] = user

    def find(self, name: str) -> User | None:
        """The user of this name; else the fallback, else None."""
        return self.by_name.get(fold(name)) or self.fallback

    def knows(self, name: str) -> bool:
        return fold(name) in self.by_name
