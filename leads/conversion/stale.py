"""When the lead changed while somebody had its conversion page open: what they typed stays, the rest is renewed."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict

from crm.fields import registry
from crm.records.base import Record
from crm.related.models import Change
from leads.conversion import stamp
from leads.conversion.draft import Draft
from leads.conversion.forms import PartForm


def check(posted: str, draft: Draft) -> None:
    """Raise StaleDraft if the posted stamp is not this draft's; the service checks again under the lock."""
    stamp.check(posted, draft.lead, draft.mapping)


def renew(post: QueryDict, draft: Draft, changed: Collection[str]) -> QueryDict:
    """Give the posted data for a new draft: a control that still showed the lead's old value takes the new one."""
    data = post.copy()
    blank = [PartForm(part, []) for part in draft.parts.values()]
    before = stamp.marks_of(post.get("stamp", ""))
    for form in blank:
        for name, source in form.part.sources.items():
            if source in changed and name in form.fields and _is_untouched(form, name, post, before.get(source)):
                data.setlist(form.add_prefix(name), _as_posted(form, name))
    data["stamp"] = draft.stamp
    return data


def _is_untouched(form: PartForm, name: str, post: QueryDict, mark: str | None) -> bool:
    """Tell whether the posted value is the one that the page showed at first."""
    field = form.part.module.fields[name]
    raw = form.fields[name].widget.value_from_datadict(post, None, form.add_prefix(name))
    if raw in (None, "", []):
        return mark is None
    texts = [raw, raw.replace("\r\n", "\n")] if isinstance(raw, str) else [raw]
    return any(stamp.mark(value) == mark for text in texts for value in _readings(field, text))


def _readings(field: registry.Field, raw: Any) -> list[Any]:
    """The value as it may have been stored: as posted, and as the field parses it."""
    try:
        return [raw, field.kind.wire(field.kind.parse(raw, field))]
    except forms.ValidationError:
        return [raw]


def _as_posted(form: PartForm, name: str) -> list[str]:
    """The new value as a browser would post it."""
    value = form[name].value()
    prepared = form.fields[name].prepare_value(value)
    if isinstance(prepared, list):
        return [str(one) for one in prepared]
    if isinstance(prepared, bool):
        return ["on"] if prepared else []
    return [] if prepared is None else [str(prepared)]


def changed_since(record: Record, seen: dt.datetime | None) -> frozenset[str]:
    """The fields of an existing record that somebody changed since it was shown."""
    changes = Change.objects.filter(**{f"dossier__{record.module.key}": record.pk, "at__gt": seen or record.created_at})
    return frozenset(key for change in changes for key in change.changes)
