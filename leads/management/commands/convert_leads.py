import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet

from crm.fields import dictionary, registry
from crm.fields.kinds import PICKLIST
from crm.kit.contention import BUSY, DatabaseIsBusy
from crm.people.models import User
from leads.conversion.bulk import CHUNK, CONVERTED, Outcome
from leads.conversion.errors import NoSuchLead
from leads.conversion.many import CREATE, ON_MATCH, Wish, convert_many, examine_many
from leads.conversion.reasons import reason
from leads.conversion.scheme import Scheme
from leads.models import Conversion, Lead
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
        parser.add_argument(
            "--on-match",
            choices=ON_MATCH,
            default=CREATE,
            help="what to do about a lead that looks like a record that is there; create makes new records all the same",
        )
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
        wish = Wish(
            parts=tuple(key for key in TARGETS if key in parts),
            transfer_to=options["transfer_to"],
            on_match=options["on_match"],
            otherwise="note" if options["keep_in_note"] else None,
            key=f"command-{uuid.uuid4().hex}",
        )
        converted = done = 0
        for chunk in _chunks(pks):
            try:
                lines = list(self._lines(chunk, wish, actor, is_rehearsal=options["dry_run"]))
            except DatabaseIsBusy:
                raise CommandError(f"{BUSY} What was converted so far stays converted.") from None
            for is_good, line in lines:
                self.stdout.write(line)
                converted += is_good
            done += len(chunk)
            if sys.stderr.isatty():
                self.stderr.write(f"{done} of {len(pks)}")
        refused = len(pks) - converted
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

    def _lines(
        self, pks: Sequence[int], wish: Wish, actor: User | None, *, is_rehearsal: bool
    ) -> Iterator[tuple[bool, str]]:
        """Convert a chunk, each lead in its owner's name unless somebody was named, and say of each what became of it."""
        dictionary.forget()  # administrators go on working during a long run
        leads = {lead.pk: lead for lead in Lead.everything.select_related("assigned_to").filter(pk__in=pks)}
        persons = {pk: actor or (leads[pk].assigned_to if pk in leads else None) for pk in pks}
        schemes = {by: Scheme.read(by) for by in dict.fromkeys(person for person in persons.values() if person)}
        told: dict[int, Outcome] = {}
        for by, scheme in schemes.items():
            own = [pk for pk in pks if persons[pk] == by]
            outcomes = (examine_many if is_rehearsal else convert_many)(own, wish, by=by, scheme=scheme)
            told |= {one.lead: one for one in outcomes}
        made = _made(pks)
        for pk in pks:
            one, by = told.get(pk), persons[pk]
            is_good = one is not None and one.result == CONVERTED
            if not is_good:
                line = one.reason if one else reason(NoSuchLead())
            elif by and is_rehearsal:
                line = f"would become {', '.join(wish.parts or schemes[by].usual_parts(leads[pk]))}."
            else:
                line = made[pk]
            yield is_good, f"LEA{pk}: {line}"


def _chunks(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + CHUNK] for start in range(0, len(pks), CHUNK))


def _made(leads: Sequence[int]) -> dict[int, str]:
    """What the leads became, by lead."""
    found = Conversion.objects.filter(lead__in=leads).select_related(*TARGETS)
    return {
        one.lead_id: f"{', '.join([one.number, *(made.number for key in TARGETS if (made := getattr(one, key)))])}."
        for one in found
    }


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
