"""One timeline for a record: everything that hangs on the dossiers it holds, newest first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from crm.records.base import Record
from crm.related import history
from crm.related.models import Activity, Change, Comment, Document, Dossier, Email

PAGE = 25
ICONS = {
    "task": "calendar-plus",
    "call": "telephone",
    "meeting": "people",
    "comment": "sticky",
    "email": "envelope",
    "document": "file-earmark",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the timeline. `kind` is what may be edited ("comment" …), or "change" for history."""

    kind: str
    icon: str
    at: dt.datetime
    title: str
    text: str
    by: Any
    item: Any
    from_lead: bool = False


def dossiers_of(record: Record, *, also_from: Sequence[int] = ()) -> dict[int, bool]:
    """The dossiers whose content belongs on the record's page: id → whether it came from a lead.

    `also_from`: leads whose handed-over dossiers are shown too, although another record holds them (an opportunity's lead).
    """
    held = Dossier.objects.filter(**{record.module.key: record.pk})
    lent = Dossier.objects.filter(came_from__in=also_from) if also_from else Dossier.objects.none()
    rows = (held | lent).values_list("pk", "came_from_id")
    return {pk: came_from is not None for pk, came_from in rows}


def upcoming(dossiers: dict[int, bool]) -> list[Entry]:
    """The planned activities, the nearest first."""
    planned = _activities(dossiers).filter(status=Activity.Status.PLANNED).order_by("at", "pk")[:PAGE]
    return [_entry(item, dossiers, {}) for item in planned]


def earlier(
    dossiers: dict[int, bool], *, reader: Any, before: dt.datetime | None = None, kinds: Sequence[str] = ()
) -> tuple[list[Entry], bool]:
    """A page of what happened, newest first, and whether there is more.

    Always the same number of statements, and one for each kind of records that the history names.
    """
    sources = {
        "activity": _activities(dossiers).exclude(status=Activity.Status.PLANNED),
        "comment": Comment.objects.annotate(at=F("created_at")),
        "email": Email.objects.annotate(at=F("sent_at")),
        "document": Document.objects.annotate(at=F("created_at")),
        "change": Change.objects.all(),
    }
    found: list[Any] = []
    for kind, source in sources.items():
        if kinds and kind not in kinds:
            continue
        items: QuerySet[Any] = source.filter(dossier__in=list(dossiers)).select_related(
            "by" if kind == "change" else "created_by"
        )
        items = items.filter(at__lt=before) if before else items
        found += items.order_by("-at", "-pk")[: PAGE + 1]
    found.sort(key=attrgetter("at"), reverse=True)
    page = found[:PAGE]
    names = history.names_in((item for item in page if isinstance(item, Change)), reader)
    return [_entry(item, dossiers, names) for item in page], len(found) > PAGE


def _activities(dossiers: dict[int, bool]) -> QuerySet[Any]:
    found = Activity.objects.filter(dossier__in=list(dossiers)).select_related("created_by", "assigned_to")
    return found.annotate(at=Coalesce("due_at", "starts_at", "created_at"))


def _entry(item: Any, dossiers: dict[int, bool], names: history.Names) -> Entry:
    kind = item._meta.model_name
    title, text = _words(item, names)
    return Entry(
        kind=kind,
        icon="arrow-repeat" if kind == "change" else ICONS[item.kind if kind == "activity" else kind],
        at=item.at,
        title=title,
        text=text,
        by=item.by if kind == "change" else item.created_by,
        item=item,
        from_lead=dossiers.get(item.dossier_id, False),
    )


def _words(item: Any, names: history.Names) -> tuple[str, str]:
    """The heading and the text of an entry."""
    if isinstance(item, Activity):
        return item.subject, item.description
    if isinstance(item, Comment):
        return _("Note"), item.body
    if isinstance(item, Email):
        return item.subject, item.body
    if isinstance(item, Document):
        return item.title, ""
    return _("; ").join(history.lines(item, names)), ""
