"""A record's page: header, path, key fields, tabs, timeline and what is related to it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from crm.fields import dictionary, registry
from crm.fields.kind import is_empty
from crm.kit import dates
from crm.matching.engine import COMPARISONS
from crm.matching.keys_in_common import duplicates_among
from crm.pages.cells import Cell, cell, name
from crm.pages.people import People, deals_of
from crm.pages.trail import Trail, trail
from crm.people.access import can
from crm.records.base import Mergeable
from crm.related import timeline
from crm.related.counts import counts_in
from crm.related.forms import FORMS, RelatedForm
from crm.related.models import Activity, CampaignMembership, Following, ProductInterest, Tagging

TABS = {
    "activity": _("Activity"),
    "details": _("Details"),
    "emails": _("E-mails"),
    "documents": _("Documents"),
    "history": _("History"),
}
TAB_KINDS = {"activity": (), "emails": ("email",), "documents": ("document",), "history": ("change",)}
COMPOSERS = (
    ("call", "telephone", _("Log a call")),
    ("email", "envelope", _("Log an e-mail")),
    ("task", "calendar-plus", _("Task")),
    ("meeting", "people", _("Meeting")),
    ("comment", "sticky", _("Note")),
    ("document", "paperclip", _("Document")),
    ("campaign", "megaphone", _("Campaign")),
    ("product", "box-seam", _("Product")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the status path."""

    label: str
    state: str  # "done", "current", "ahead" or "locked"


@dataclass(frozen=True)
class DetailPage:
    """Everything that the template of a record's page draws."""

    request: HttpRequest
    module: registry.Module
    record: Any
    form: RelatedForm | None = None
    person_form: Any = None  # one of the forms of its people, as it came back

    @property
    def user(self) -> Any:
        return self.request.user

    @cached_property
    def tab(self) -> str:
        wanted = self.request.GET.get("tab", "")
        return wanted if wanted in TABS else "activity"

    @cached_property
    def trail(self) -> Trail | None:
        """The list from which the page was opened."""
        return trail(self.request, self.record)

    def tabs(self) -> list[dict[str, Any]]:
        lines = sum(self.counts[kind] for kind in ("activities", "emails", "documents", "comments"))
        counts = {"activity": lines, "emails": self.counts["emails"], "documents": self.counts["documents"]}
        return [
            {"key": key, "label": label, "count": counts.get(key), "is_current": key == self.tab}
            for key, label in TABS.items()
        ]

    def key_fields(self) -> list[Cell]:
        fields = self.module.fields
        return [cell(self.record, fields[key], self.user) for key in self.module.key_fields if key in fields]

    def blocks(self) -> Iterator[tuple[str | Promise, list[tuple[Cell, Any]]]]:
        """All fields, block by block, each with where its value came from, if a conversion gave it."""
        origins = self.origins()
        for key, label in self.module.blocks.items():
            fields = [field for field in self.module.fields.values() if field.block == key]
            if fields:
                yield label, [(cell(self.record, field, self.user), origins.get(field.key)) for field in fields]

    def path(self) -> list[Step]:
        """The main steps of the module's status that are in use, with the record's place among them."""
        field = self.module.fields.get(self.module.status_field)
        if field is None or "path" not in self.module.extra:
            return []
        labels = dictionary.labels(field.list_key)
        value = field.get(self.record)
        used = {option.value for option in dictionary.options(field.list_key) if not option.retired} | {value}
        steps = [step for step in self.module.extra["path"] if step in used]
        place = steps.index(value) if value in steps else -1
        drawn = [
            Step(label=str(labels.get(step, step)), state=_state(index, place)) for index, step in enumerate(steps)
        ]
        end = self.module.extra.get("path_end")
        return [*drawn, Step(label=str(end), state="locked")] if end else drawn

    def status(self) -> str:
        field = self.module.fields.get(self.module.status_field)
        return field.show(field.get(self.record)) if field else ""

    def status_colour(self) -> str:
        """The colour that an administrator gave to the status, or what shows whether it is the one that is waited for."""
        field = self.module.fields.get(self.module.status_field)
        chosen = dictionary.colour(field.list_key, str(field.get(self.record))) if field else ""
        return chosen or ("ok" if self.is_ready() else "new")

    def is_ready(self) -> bool:
        """Whether the record has come to the status that its module waits for (a qualified lead)."""
        ready = self.module.extra.get("ready", {})
        return bool(ready) and all(getattr(self.record, name) == value for name, value in ready.items())

    @cached_property
    def is_possible_duplicate(self) -> bool:
        """Whether another record of the module is probably the same, by exact keys."""
        return self.record.pk in duplicates_among(self.module.key, [self.record.pk])

    def can_be_alike(self) -> bool:
        return self.module.key in COMPARISONS

    @cached_property
    def counts(self) -> dict[str, int]:
        return counts_in(list(self.dossiers))

    @cached_property
    def conversions(self) -> list[Any]:
        """The conversions that this record came out of or was filled by, newest first."""
        find = self.module.extra.get("conversions")
        return import_string(find)(self.record, self.user) if find else []

    def origins(self) -> Any:
        """By field, the conversion that gave it its value."""
        find = self.module.extra.get("origins")
        return import_string(find)(self.record, self.conversions) if find else {}

    @cached_property
    def dossiers(self) -> dict[int, bool]:
        lent = [conversion.lead_id for conversion in self.conversions] if self.module.key == "opportunity" else []
        return timeline.dossiers_of(self.record, also_from=lent)

    def upcoming(self) -> list[timeline.Entry]:
        return [] if self.before else timeline.upcoming(self.dossiers)

    @cached_property
    def before(self) -> dt.datetime | None:
        try:
            moment = parse_datetime(self.request.GET.get("before", ""))
            return dates.checked(moment) if moment and moment.tzinfo else None
        except ValueError:
            return None

    @cached_property
    def earlier(self) -> list[timeline.Entry]:
        return self._earlier[0]

    @cached_property
    def _earlier(self) -> tuple[list[timeline.Entry], bool]:
        return timeline.earlier(self.dossiers, reader=self.user, before=self.before, kinds=TAB_KINDS.get(self.tab, ()))

    def older(self) -> str:
        """Where the next page of the timeline begins, or "" at its end."""
        return self.earlier[-1].at.isoformat() if self._earlier[1] and self.earlier else ""

    @cached_property
    def tags(self) -> list[str]:
        names = Tagging.objects.filter(dossier__in=list(self.dossiers)).values_list("tag__name", flat=True)
        return sorted(set(names))

    def is_followed(self) -> bool:
        return Following.objects.filter(dossier__in=list(self.dossiers), user=self.user.pk).exists()

    def campaigns(self) -> list[Any]:
        return list(CampaignMembership.objects.filter(dossier__in=list(self.dossiers)).select_related("campaign")[:50])

    def products(self) -> list[Any]:
        return list(ProductInterest.objects.filter(dossier__in=list(self.dossiers)).select_related("product")[:50])

    def composers(self) -> list[dict[str, Any]]:
        """What the user may add, with what is open now."""
        opened = self.request.GET.get("add", "")
        return [
            {"key": key, "icon": icon, "label": label, "is_open": key == opened}
            for key, icon, label in COMPOSERS
            if can(self.user, "add", FORMS[key].model)
        ]

    def lists(self) -> Iterator[tuple[registry.Module, list[Any]]]:
        """Records of other modules that point at this one, as far as the user may see them."""
        for key, names in self.module.extra.get("lists", {}).items():
            module = registry.module(key)
            records = module.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]
            yield module, list(records.filter(**{names: self.record.pk}).order_by("-created_at", "-pk")[:20])

    @cached_property
    def people(self) -> People | None:
        """Who takes part in an opportunity."""
        is_opportunity = self.module.key == "opportunity"
        return People(self.record, self.user, self.rights["change"], self.person_form) if is_opportunity else None

    def takes_part(self) -> list[Any]:
        """The opportunities of a contact, as far as the user may see them: as the main contact, then with a role."""
        return deals_of(self.record, self.user) if self.module.key == "contact" else []

    def subtitle(self) -> str:
        parts = (getattr(self.record, key, "") for key in self.module.extra.get("header", ()))
        return " · ".join(name(part, self.user) for part in parts if not is_empty(part))

    def salutation(self) -> str:
        field = self.module.fields.get("salutation")
        return field.show(field.get(self.record)) if field else ""

    @cached_property
    def rights(self) -> dict[str, bool]:
        """What the user may do with the record itself."""
        may = {action: self.user.has_perm(self.module.permission(action)) for action in ("change", "delete")}
        return {**may, "merge": may["change"] and isinstance(self.record, Mergeable)}

    @cached_property
    def rights_on_related(self) -> dict[str, bool]:
        """What the user may do with what hangs on it."""
        return {action: can(self.user, action, Activity) for action in ("change", "delete")}

    def panels(self) -> list[str]:
        """Templates that other rooms add to this page's side."""
        return list(self.module.extra.get("panels", ()))

    def extras(self) -> Any:
        """What those templates need, worked out when they ask for it."""
        make = self.module.extra.get("extras")
        return import_string(make)(self.record, self.user) if make else None


def _state(index: int, place: int) -> str:
    return "current" if index == place else "done" if index < place else "ahead"
