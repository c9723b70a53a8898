from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from crm.fields import registry
from crm.people.models import User
from leads.conversion.draft import draft
from leads.conversion.errors import AlreadyConverted, ConversionRefused, InvalidOrder
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from mapping.rows import TARGETS


class Command(BaseCommand):
    help = "Convert leads, each in its owner's name or in that of --as. One that is refused doesn't stop the others."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--ids", nargs="+", type=int, metavar="ID")
        which.add_argument(
            "--filter", nargs="+", metavar="FIELD=VALUE", help="open leads whose fields have these values"
        )
        parser.add_argument(
            "--with", dest="parts", default="", help="organization,contact,opportunity; by each lead if left out"
        )
        parser.add_argument("--transfer-to", choices=["contact", "organization"])
        parser.add_argument("--as", dest="user", metavar="USER", help="in whose name; the lead's owner if left out")
        parser.add_argument("--dry-run", action="store_true", help="say what would be made, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = [part.strip() for part in options["parts"].split(",") if part.strip()]
        if wrong := [part for part in parts if part not in TARGETS]:
            raise CommandError(f"--with takes {', '.join(TARGETS)}, not “{wrong[0]}”.")
        actor = self._actor(options["user"])
        converted = refused = 0
        for pk, lead in self._leads(options):
            is_done, line = self._one(pk, lead, actor, parts, options)
            converted, refused = converted + is_done, refused + (not is_done)
            self.stdout.write(line)
        self.stdout.write(f"{converted} {'would be ' if options['dry_run'] else ''}converted, {refused} refused.")
        if refused:
            raise SystemExit(1)

    def _actor(self, name: str | None) -> User | None:
        if name is None:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{name}”.")
        return user

    def _leads(self, options: dict[str, Any]) -> Iterator[tuple[int, Lead | None]]:
        if options["ids"]:
            found = Lead.everything.select_related("assigned_to").in_bulk(options["ids"])
            yield from ((pk, found.get(pk)) for pk in options["ids"])
            return
        for lead in self._filtered(options["filter"]).select_related("assigned_to").order_by("pk"):
            yield lead.pk, lead

    def _filtered(self, conditions: list[str]) -> QuerySet[Lead]:
        leads = Lead.objects.all()
        fields = registry.module("lead").fields
        for condition in conditions:
            key, equals, raw = condition.partition("=")
            field = fields.get(key)
            if not equals or field is None:
                raise CommandError(
                    f"“{condition}” is no condition. Write a field and a value, for example lead_status=Qualified."
                )
            try:
                value = raw if field.kind.chooses else field.kind.parse(raw, field)
            except ValidationError as error:
                raise CommandError(f"{key}: {error.messages[0]}") from None
            column = f"custom__{key}" if field.custom else field.column
            leads = leads.filter(**{column: field.kind.store(value) if field.custom else value})
        return leads  # type: ignore[no-any-return]

    def _one(
        self, pk: int, lead: Lead | None, actor: User | None, parts: list[str], options: dict[str, Any]
    ) -> tuple[bool, str]:
        """Convert one lead; whether it went well, and the line to print."""
        if lead is None:
            return False, f"LEA{pk}: there is no such lead."
        if lead.is_locked:
            return False, f"LEA{pk}: already converted."
        by = actor or lead.assigned_to
        chosen = parts or sorted(draft(lead, by=by, related=False).chosen())
        if options["dry_run"]:
            return True, f"LEA{pk}: would make {', '.join(chosen)}."
        order = Order(parts={key: Part() for key in chosen}, transfer_to=options["transfer_to"])
        try:
            conversion = convert(pk, order, by=by)
        except PermissionDenied:
            return False, f"LEA{pk}: {by.username} may not convert it."
        except AlreadyConverted:
            return False, f"LEA{pk}: already converted."
        except InvalidOrder as refusal:
            return False, f"LEA{pk}: {refusal.errors}"
        except ConversionRefused as refusal:
            return False, f"LEA{pk}: {type(refusal).__name__}"
        return True, f"LEA{pk}: {conversion.number}, {', '.join(chosen)}."
