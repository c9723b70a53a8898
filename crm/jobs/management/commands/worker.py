import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from crm.jobs.worker import Worker, work_off
from crm.kit import garbage


class Command(BaseCommand):
    help = "Do what was asked for in the background: conversions of many leads, deliveries, retries. Run it beside the server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until-done", action="store_true", help="end when nothing is due any more")

    def handle(self, *args: Any, **options: Any) -> None:
        garbage.set_apart(youngest=50_000)  # else a chunk of a thousand records takes a seventh longer
        if options["until_done"]:
            work_off()
            return
        worker = Worker()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, worker.stop)
        worker.run()
