"""The page of a job that changes many records, as its template needs it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.fields.kinds import LINK, USER
from crm.jobs.models import Item, Job
from crm.jobs.page import JobPage
from crm.pages.cells import Cell, cell, name
from crm.pages.changing.form import ValueForm, choosable
from crm.related.changing import job as jobs
from crm.related.changing.many import CANNOT, CHANGED, SAME

OWNER = "assigned_to"
WORDS: dict[str, str | Promise] = {
    CHANGED: gettext_lazy("Changed"),
    CANNOT: gettext_lazy("Can't be changed"),
    SAME: gettext_lazy("Same value already"),
}
BEFORE = {**WORDS, CHANGED: gettext_lazy("Will change")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of the job: what it holds now, and why it can't be changed."""

    item: Item
    number: str
    record: Any
    cell: Cell | None


@dataclass(frozen=True)
class ChangePage(JobPage):
    """The page of a job that changes records."""

    sent: ValueForm | None = None  # with what was refused

    @cached_property
    def module(self) -> registry.Module:
        return jobs.module_of(self.job)

    @cached_property
    def ordered(self) -> registry.Field | None:
        """The field that was chosen and checked."""
        return jobs.field_of(self.job)

    @property
    def is_undo(self) -> bool:
        return "undo_of" in self.job.options

    @property
    def is_mine(self) -> bool:
        """Whether the job works in this user's name; who may only steer it neither chooses nor starts."""
        return self.job.created_by_id == self.request.user.pk

    @property
    def is_choosing(self) -> bool:
        return self.job.state == Job.State.READY and self.is_mine and not self.is_undo

    @cached_property
    def fields(self) -> dict[str, registry.Field]:
        return {field.key: field for field in choosable(self.module, self.request.user)}

    def groups_of_fields(self) -> list[tuple[str, list[registry.Field]]]:
        """The fields to choose from, block by block."""
        blocks = ((str(label), key) for key, label in self.module.blocks.items())
        found = [(label, [one for one in self.fields.values() if one.block == key]) for label, key in blocks]
        return [(label, fields) for label, fields in found if fields]

    @cached_property
    def field(self) -> registry.Field | None:
        """The field whose value is typed: the address's, else the one that was checked."""
        return self.fields.get(self.request.GET.get("field", "")) or self.ordered

    @cached_property
    def form(self) -> ValueForm | None:
        if self.sent or self.field is None:
            return self.sent
        value = jobs.value_of(self.job) if self.field == self.ordered else None
        return ValueForm(self.field, self.request.user, value)

    @property
    def has_preview(self) -> bool:
        """Whether what is shown is what was checked."""
        return self.ordered is not None and self.ordered == self.field and not self.sent

    @property
    def is_assigning(self) -> bool:
        return bool(self.field and self.field.key == OWNER)

    @cached_property
    def value(self) -> str:
        """The new value in words, "" for none."""
        field, value = self.ordered, jobs.value_of(self.job)
        if field is None or is_empty(value):
            return ""
        if field.kind not in (LINK, USER):
            return field.show(value)
        model: Any = self.module.model._meta.get_field(field.key).related_model
        target = model._default_manager.filter(pk=value).first()
        return name(target, self.request.user)

    def labels(self) -> dict[str, str | Promise]:
        return BEFORE if self.is_before_start else WORDS

    @property
    def changed(self) -> int:
        return self.count_of(CHANGED)

    @property
    def same(self) -> int:
        return self.count_of(SAME)

    @property
    def impossible(self) -> int:
        return self.count_of(CANNOT)

    def reasons(self) -> list[tuple[str, int]]:
        """Why records can't be changed, and how many for each reason."""
        if not self.impossible:
            return []
        found = Item.objects.filter(job=self.job, **{self.column: CANNOT}).order_by()
        return list(found.values_list("reason").annotate(times=Count("pk")).order_by("-times", "reason")[:20])

    @cached_property
    def may_be_undone(self) -> bool:
        return jobs.may_be_undone(self.job)

    @property
    def undone_by(self) -> str:
        """The address of the undo, if there was one."""
        pk = self.job.options.get("undone_by")
        return reverse("change", args=[pk]) if pk else ""

    def lines(self) -> Iterator[Line]:
        """The shown records as far as the user may see them; a fixed number of statements."""
        records: Any = self.module.model._default_manager
        links = self.ordered.relations if self.ordered else ()
        seen = records.visible_to(self.request.user).select_related(*links).in_bulk([one.record for one in self.shown])
        for item in self.shown:
            record = seen.get(item.record)
            yield Line(
                item=item,
                number=f"{self.module.prefix}{item.record}",
                record=record,
                cell=cell(record, self.ordered, self.request.user) if record and self.ordered else None,
            )
