from typing import Any

from django.core.management.base import BaseCommand

from leads.integrity import violations


class Command(BaseCommand):
    help = "Look for violations of the invariants over the whole database; the exit code is 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for violation in violations():
            count += 1
            self.stdout.write(violation)
        self.stdout.write(f"{count} violations." if count else "No violations.")
        if count:
            raise SystemExit(1)
