"""What the three import commands share."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.exchange.dialect import Table, UnreadableFile, read_table
from crm.exchange.report import Report
from crm.people import roles
from crm.people.models import User


class ImportCommand(BaseCommand):
    """Reads the file, acts in an administrator's name, prints the report; the exit code is 0 only if all rows went in."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or XLSX")
        parser.add_argument("--by", metavar="USER", help="in whose name; an administrator if it is left out")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")

    def table(self, options: dict[str, Any]) -> Table:
        try:
            return read_table(options["file"])
        except UnreadableFile as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None

    def user(self, name: str) -> User:
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{name}”.")
        return user

    def actor(self, options: dict[str, Any]) -> User:
        """Who imports."""
        if options["by"]:
            return self.user(options["by"])
        administrator = User.objects.filter(groups__name=roles.ADMINISTRATORS, is_active=True).order_by("pk").first()
        administrator = administrator or User.objects.filter(is_superuser=True, is_active=True).first()
        if administrator is None:
            raise CommandError("There is no administrator. Say with --by in whose name to import.")
        return administrator

    def finish(self, report: Report) -> None:
        for line in report.lines():
            self.stdout.write(line)
        if not report.is_complete:
            raise SystemExit(1)
