from typing import Any

from django.core.management.base import CommandParser

from crm.exchange.commands import ImportCommand
from crm.exchange.importing import CREATE, SKIP, UPDATE, Import
from crm.fields import registry


class Command(ImportCommand):
    help = "Import leads from a CSV or XLSX file, an export of Vtiger's included. Columns without a field are kept in a note, or become fields with --create-fields."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--owner", metavar="USER", help="who gets the rows whose owner is unknown; who imports, if it is left out"
        )
        parser.add_argument(
            "--on-duplicate",
            choices=[SKIP, UPDATE, CREATE],
            default=CREATE,
            help="a row whose name and phone, company or e-mail an open lead has: skip it, fill that lead's empty fields, or create",
        )

        parser.add_argument(
            "--create-fields",
            action="store_true",
            help="make custom fields for columns without a field; their kind is told from their values",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        owner = self.user(options["owner"]) if options["owner"] else actor
        importing = Import(
            self.table(options),
            registry.module("lead"),
            by=actor,
            owner=owner,
            on_duplicate=options["on_duplicate"],
            create_fields=options["create_fields"],
        )
        self.finish(importing.run(dry_run=options["dry_run"]))
