from typing import Any

from crm.exchange.commands import ImportCommand
from crm.exchange.hanging import CommentImport


class Command(ImportCommand):
    help = "Import Vtiger's export of comments onto the open leads that it names."

    def handle(self, *args: Any, **options: Any) -> None:
        importing = CommentImport(self.table(options), by=self.actor(options))
        self.finish(importing.run(dry_run=options["dry_run"]))
