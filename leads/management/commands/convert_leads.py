from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet

from crm.fields import registry
from crm.fields.kinds import PICKLIST
from crm.people.models import User
from leads.conversion.draft import draft
from leads.conversion.errors import AlreadyConverted, ConversionRefused, InvalidOrder, NoSuchLead
from leads.conversion.order import Order, Part
from leads.conversion.service import convert, rehearse
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
        parser.add_argument(
            "--keep-in-note",
            action="store_true",
            help="put values without a mapping into the note, whatever the settings say",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be made, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = [part.strip() for part in options["parts"].split(",") if part.strip()]
        if wrong := [part for part in parts if part not in TARGETS]:
            raise CommandError(f"--with takes {', '.join(TARGETS)}, not “{wrong[0]}”.")
        actor = self._actor(options["user"])
        pks = options["ids"] or list(matching(options["filter"]).order_by("pk").values_list("pk", flat=True))
        is_rehearsal = options["dry_run"]
        wanted = {"transfer_to": options["transfer_to"], "otherwise": "note" if options["keep_in_note"] else None}
        converted = refused = 0
        for pk in pks:
            try:
                line = self._one(pk, actor, parts, wanted, is_rehearsal=is_rehearsal)
                converted += 1
            except (ConversionRefused, PermissionDenied) as refusal:
                line = reason(refusal)
                refused += 1
            self.stdout.write(f"LEA{pk}: {line}")
        self.stdout.write(f"{converted} {'would be ' if is_rehearsal else ''}converted, {refused} refused.")
        if refused:
            raise SystemExit(1)

    def _actor(self, name: str | None) -> User | None:
        if name is None:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{name}”.")
        return user

    def _one(self, pk: int, actor: User | None, parts: list[str], wanted: dict[str, Any], *, is_rehearsal: bool) -> str:
        """Convert one lead and say what was made. Raises what the service raises."""
        lead = Lead.everything.select_related("assigned_to").filter(pk=pk).first()
        if lead is None:
            raise NoSuchLead(pk)
        by = actor or lead.assigned_to
        chosen = parts or [key for key in TARGETS if key in draft(lead, by=by, related=False).chosen()]
        order = Order(parts={key: Part() for key in chosen}, **wanted)
        if is_rehearsal:
            rehearse(pk, order, by=by)
            return f"would become {', '.join(chosen)}."
        conversion = convert(pk, order, by=by)
        made = (getattr(conversion, key) for key in TARGETS)
        return f"{conversion.number}, {', '.join(record.number for record in made if record)}."


def matching(conditions: list[str]) -> QuerySet[Lead]:
    """The open leads that have these values. Raises CommandError for what is no field or no value of it."""
    leads = Lead.objects.all()
    fields = registry.module("lead").fields
    for condition in conditions:
        key, equals, raw = condition.partition("=")
        field = fields.get(key)
        if not equals or field is None:
            raise CommandError(f"“{condition}” is no condition. Write a field and a value: lead_status=Qualified.")
        try:
            value = raw if field.kind is PICKLIST else field.kind.parse(raw, field)
        except ValidationError as error:
            raise CommandError(f"{key}: {error.messages[0]}") from None
        leads = leads.filter(_has(field, value))
    return leads  # type: ignore[no-any-return]


def _has(field: registry.Field, value: Any) -> Q:
    if not field.custom:
        return Q(**{field.column: value})
    return Q(**{f"custom__{field.key}": field.kind.store(value)}) if value else ~Q(custom__has_key=field.key)


def reason(refusal: Exception) -> str:
    """Say in a line why a lead was not converted."""
    if isinstance(refusal, AlreadyConverted):
        return f"already converted, {refusal.conversion.number}."
    if isinstance(refusal, InvalidOrder):
        errors = refusal.errors.items()
        found = [(part, field, text) for part, fields in errors for field, texts in fields.items() for text in texts]
        return " ".join(f"{part}.{field}: {text}" if part else text for part, field, text in found)
    if isinstance(refusal, NoSuchLead):
        return "there is no such lead that this user may see."
    return "this user may not convert it."
