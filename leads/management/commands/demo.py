import random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from crm.related.filing import open_dossiers
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.demo.colleagues import colleague
from leads.demo.leads import leads, star
from leads.demo.people import has_own_accounts, make_people
from leads.demo.related import hang_on
from leads.models import Lead

CONVERTED = 24


class Command(BaseCommand):
    help = (
        "Fill an empty demo installation with accounts, leads and what hangs on them. Running it again changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("This is not a demo installation. Set DEMO=1 if nothing in this database can be spoilt.")
        if not settings.DEBUG and has_own_accounts():
            raise CommandError(
                "People work in this database. The demo's accounts, whose password is known, may not go there."
            )
        people = make_people()
        if Lead.everything.exists():
            self.stdout.write("The demo data is there already.")
            return
        with translation.override("fa"):
            made = self._fill([people["sara"], people["omid"]])
            self._convert(made)
        self.stdout.write(f"Made {len(made)} leads, {CONVERTED} of them converted.")

    def _fill(self, owners: list[Any]) -> list[Lead]:
        now, chance = timezone.now(), random.Random(1404)  # noqa: S311 - the same data each time
        made = [star(owners[0], now), *leads(owners, now, chance)]
        with transaction.atomic():
            Lead.objects.bulk_create(made)
            hang_on(made, open_dossiers(made), now, chance)
        return made

    def _convert(self, made: list[Lead]) -> None:
        """Convert some through the service, so that receipts and reports have something to show."""
        ready = [lead for lead in made[1:] if lead.lead_status == "Qualified" and lead.company][:CONVERTED]
        for place, lead in enumerate(ready):
            chosen = ["organization", "contact", *(["opportunity"] if place % 3 else [])]
            values = {"opportunity": Part(values={"amount": (place + 1) * 250_000_000})}
            role = "Decides" if "opportunity" in chosen and place % 2 else ""
            order = Order(parts={key: values.get(key, Part()) for key in chosen}, role=role)
            opportunity = convert(lead.pk, order, by=lead.assigned_to).opportunity
            if opportunity and place % 4 == 1:
                colleague(opportunity, ("Pays", "Uses it", "Advises")[place % 3], by=lead.assigned_to)
