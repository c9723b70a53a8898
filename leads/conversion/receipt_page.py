"""The receipt as its template needs it: what was made, where everything went, and what to do next."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.fields import registry
from crm.fields.kinds import USER
from crm.kit.numbers import show_number
from crm.people.models import User
from crm.related.models import Activity
from leads.conversion import followup, origins
from leads.models import Conversion, Lead
from mapping.rows import TARGETS

KIND_LABELS = {
    "activities": gettext_lazy("Activities"),
    "emails": gettext_lazy("E-mails"),
    "documents": gettext_lazy("Documents"),
    "comments": gettext_lazy("Notes"),
    "campaigns": gettext_lazy("Campaigns"),
    "products": gettext_lazy("Products of interest"),
}


COUNTED_AS = {
    "typed": "filled",
    "sent": "filled",
    "filled": "filled",
    "replaced": "replaced",
    "appended": "replaced",
    "kept": "kept",
}
HOW_MANY: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("filled", lambda n: ngettext("%(count)s empty field filled", "%(count)s empty fields filled", n)),
    ("replaced", lambda n: ngettext("%(count)s value changed", "%(count)s values changed", n)),
    ("kept", lambda n: ngettext("%(count)s value kept", "%(count)s values kept", n)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """A record that the conversion made or filled. Its name is only for those who may see it."""

    module: registry.Module
    record: Any
    is_visible: bool
    from_lead: int
    is_existing: bool = False
    counts: dict[str, int] = field(default_factory=dict)  # of an existing record's fields, by what became of them

    def summary(self) -> str:
        """What became of an existing record's fields, in words."""
        told = [
            text(self.counts[how]) % {"count": show_number(self.counts[how])}
            for how, text in HOW_MANY
            if self.counts.get(how)
        ]
        return _(", ").join(told) or _("Nothing had to be changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A line of "Where everything went"."""

    what: str
    count: int
    card: ResultCard
    place: str


def result_cards(conversion: Conversion, user: Any) -> list[ResultCard]:
    """The records that a conversion made, in the fixed order."""
    return [
        ResultCard(
            module=registry.module(key),
            record=record,
            is_visible=registry.module(key).model._default_manager.visible_to(user).filter(pk=record.pk).exists(),  # type: ignore[attr-defined]
            from_lead=sum(1 for origin in conversion.provenance.get(key, {}).values() if "lead" in origin),
            is_existing=key in conversion.existing,
            counts=Counter(COUNTED_AS.get(origin["how"], "") for origin in conversion.provenance.get(key, {}).values()),
        )
        for key in TARGETS
        if (made := getattr(conversion, key)) is not None
        for record in [made.current]
    ]


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    conversion: Conversion
    user: Any

    @cached_property
    def cards(self) -> list[ResultCard]:
        return result_cards(self.conversion, self.user)

    def card(self, key: str) -> ResultCard:
        return next(card for card in self.cards if card.module.key == key)

    @property
    def main(self) -> ResultCard | None:
        """The record to open first: the opportunity, else the contact, else the organization."""
        by_key = {card.module.key: card for card in self.cards if card.is_visible}
        return next((by_key[key] for key in ("opportunity", "contact", "organization") if key in by_key), None)

    @cached_property
    def follow_up(self) -> Activity | None:
        """The task that was planned with the conversion, where the viewer may see it."""
        return followup.planned(self.conversion, self.main.record) if self.main else None

    def person(self) -> ResultCard | None:
        """The contact, if there is one that the viewer may see."""
        return next((card for card in self.cards if card.module.key == "contact" and card.is_visible), None)

    def destinations(self) -> list[Destination]:
        """Where related records and values without a mapping went."""
        target = self.card(self.conversion.transfer_to)
        moved = [
            Destination(what=str(KIND_LABELS[kind]), count=count, card=target, place="record")
            for kind, count in self.conversion.moved.items()
            if count
        ]
        noted = next(card for card in self.cards if card.module.key in ("contact", "organization"))
        noted = next((card for card in self.cards if card.module.key == "contact"), noted)
        kept = [
            Destination(what=self._label(key), count=1, card=noted, place="note")
            for key in self.conversion.kept_in_note
        ]
        sent = [
            Destination(
                what=self._label(key), count=1, card=self.card(module), place=str(self._target_label(module, field))
            )
            for key, (module, field) in self.conversion.sent_elsewhere.items()
        ]
        return moved + kept + sent

    def left_behind(self) -> list[str]:
        return [self._label(key) for key in self.conversion.left_behind]

    def _label(self, key: str) -> str:
        known = registry.module("lead").fields.get(key)
        return str(known.label) if known else key

    def _target_label(self, module: str, key: str) -> str:
        known = registry.module(module).fields.get(key)
        return str(known.label) if known else key

    def sources(self) -> list[dict[str, Any]]:
        """Per record, where each of its filled values came from."""
        return [{"card": card, "lines": list(self._lines(card.module))} for card in self.cards]

    def _lines(self, module: registry.Module) -> list[dict[str, str]]:
        told = self.conversion.provenance.get(module.key, {})
        return [
            {"field": self._target_label(module.key, key), "how": origins.how(module, key, told[key])} for key in told
        ]

    def together(self) -> list[Conversion]:
        """The other conversions of the same deal, as far as the viewer may see them."""
        main = self.conversion.together_with_id or self.conversion.pk
        same = Conversion.objects.visible_to(self.user).filter(Q(pk=main) | Q(together_with=main))
        return list(same.exclude(pk=self.conversion.pk).distinct().order_by("pk"))

    @cached_property
    def next_lead(self) -> Lead | None:
        """The viewer's next lead that is ready to convert."""
        if not self.user.has_perm("leads.convert_lead"):
            return None
        ready = Lead.objects.visible_to(self.user).filter(assigned_to=self.user, lead_status="Qualified")
        return ready.order_by("-created_at", "-pk").first()  # type: ignore[no-any-return]

    def snapshot(self) -> list[dict[str, str]]:
        """The lead as it was, field by field, filled ones only."""
        fields = registry.module("lead").fields
        values = {**self.conversion.snapshot, **self.conversion.snapshot.get("custom", {})}
        people = dict(
            User.objects.filter(
                pk__in=[values[key] for key in values if key.endswith("_by") or key == "assigned_to"]
            ).values_list("pk", "username")
        )
        lines = []
        for key, value in values.items():
            if key in fields and value not in (None, "", []):
                field = fields[key]
                shown = people.get(value, value) if field.kind is USER else field.show(field.kind.load(value))
                lines.append({"label": str(field.label), "value": str(shown)})
        return lines
