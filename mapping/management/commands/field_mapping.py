"""Carry the field mapping from one installation to another."""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.people.models import User
from mapping import services, wire
from mapping.errors import MappingRefused
from mapping.history.sentences import sentences
from mapping.models import Revision


class Command(BaseCommand):
    help = "Export the field mapping in force as JSON, or put one from a file in force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["export", "import"])
        parser.add_argument("file", nargs="?", help="the file to read, or to write instead of the screen")
        parser.add_argument("--as", dest="username", help="the administrator in whose name it is imported")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "export":
            self._export(options["file"])
        else:
            self._import(options["file"], options["username"])

    def _export(self, name: str | None) -> None:
        revision = Revision.objects.latest("number")
        text = json.dumps({"revision": revision.number, "rows": revision.rows}, indent=1, ensure_ascii=False)
        if name:
            Path(name).write_text(f"{text}\n", encoding="utf-8")
        else:
            self.stdout.write(text)

    def _import(self, name: str | None, username: str | None) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if not name or user is None:
            raise CommandError("Name a file, and with --as the administrator in whose name it is imported.")
        seen = Revision.objects.latest("number").number
        try:
            rows = wire.read_rows(wire.loads(Path(name).read_bytes()))
            saved = services.replace(rows, seen=seen, by=user)
        except OSError as error:
            raise CommandError(f"{name} can't be read: {error.strerror}.") from None
        except PermissionDenied:
            raise CommandError(f"{username} may not change the mapping.") from None
        except wire.MappingUnreadable as error:
            raise CommandError(str(error)) from None
        except MappingRefused as refusal:
            raise CommandError("\n".join(["The mapping was not saved.", *sentences(refusal.errors)])) from None
        self.stdout.write(f"Revision {saved.number} is in force.")
