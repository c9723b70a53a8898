from typing import Any

from django.core.management.base import BaseCommand

from crm.matching.writing import rebuild


class Command(BaseCommand):
    help = "Write the keys by which duplicates are found anew, for all records; needed after PHONE_REGION was changed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Wrote the keys of {rebuild()} records.")
