from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.people.models import User
from crm.people.tokens import create_token


class Command(BaseCommand):
    help = "Make an API token for a user and print it. It is shown this one time only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name at sign-in")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{options['user']}”.")
        self.stdout.write(create_token(user))
