"""Changing many records at once: from the list into a job, and the job's page: choose, look, start, receipt, undo."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.fields.kinds import LINK, USER
from crm.jobs import results, services
from crm.jobs.models import Item, Job
from crm.lists.chosen import chosen
from crm.pages.cells import Cell, cell, name
from crm.pages.forms import make_field
from crm.pages.records import module_or_404
from crm.records.validation import validate
from crm.related import filing
from crm.related.changing import job as jobs
from crm.related.changing.many import CANNOT, CHANGED, SAME

OWNER = "assigned_to"
SIZE, NEWEST = 50, 20
WILL, LOOKS = gettext_lazy("Will change"), {CHANGED: "ok", SAME: "note", CANNOT: "bad"}
WORDS: dict[str, str | Promise] = {
    CHANGED: gettext_lazy("Changed"),
    SAME: gettext_lazy("Same value already"),
    CANNOT: gettext_lazy("Can't be changed"),
}
STEERING = {"pause": services.pause, "resume": services.resume, "cancel": services.cancel}


class ValueForm(forms.Form):
    """The value that all chosen records are to get, in the field's own control, checked as in the record's own form."""

    def __init__(self, field: registry.Field, user: Any, value: Any, data: Any = None) -> None:
        super().__init__(data, initial={field.key: value}, auto_id="value-%s", label_suffix="")
        self.field, self.user = field, user
        made: Any = make_field(field, user, value)
        if field.kind is USER and value is None:
            made.choices = [("", _("Choose a user")), *made.choices]
        self.fields[field.key] = made

    @property
    def control(self) -> forms.BoundField:
        return self[self.field.key]

    @property
    def value(self) -> Any:
        return self.cleaned_data[self.field.key]

    def clean(self) -> dict[str, Any]:
        """Refuse a link to what the user may not see, or to a user who left."""
        if self.field.key in self.cleaned_data:
            trial: Any = registry.module(self.field.module).model()
            self.field.set(trial, self.value)
            try:
                validate(trial, by=self.user, only=(self.field.key,))
            except ValidationError as error:
                for text in filing.errors_of(error).get(self.field.key, []):
                    self.add_error(self.field.key, text)
        return self.cleaned_data


def choosable(module: registry.Module, user: Any) -> Iterator[registry.Field]:
    """The fields that the user may give a value to; links only to what they may see."""
    seen = {one.key for one in registry.modules() if user.has_perm(one.permission("view"))}
    known = {one.key for one in registry.modules()}
    return (field for field in module.editable() if field.kind is not LINK or field.to in seen or field.to not in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Records with the same verdict or outcome, and how many."""

    key: str
    label: str | Promise
    look: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of the job: what it holds now, and why it can't be changed."""

    item: Item
    number: str
    record: Any
    cell: Cell | None


@dataclass(frozen=True)
class ChangePage:
    """What the template of a job that changes records draws, for whoever may look at it."""

    request: HttpRequest
    job: Job
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

    @property
    def is_before_start(self) -> bool:
        return self.job.state in (Job.State.CHECKING, Job.State.READY)

    @property
    def is_moving(self) -> bool:
        return self.job.state in (Job.State.CHECKING, Job.State.RUNNING)

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

    @cached_property
    def column(self) -> str:
        return "verdict" if self.is_before_start else "outcome"

    @cached_property
    def tally(self) -> dict[str, int]:
        return results.tally(self.job, self.column)

    @property
    def done(self) -> int:
        return self.job.total - self.tally.get("", 0)

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.job.total, 1)

    @property
    def changed(self) -> int:
        return self.tally.get(CHANGED, 0)

    @property
    def same(self) -> int:
        return self.tally.get(SAME, 0)

    @property
    def impossible(self) -> int:
        return self.tally.get(CANNOT, 0)

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

    @cached_property
    def show(self) -> str:
        wanted = self.request.GET.get("show", "")
        shown = [key for key in (CHANGED, CANNOT, SAME) if self.tally.get(key)]
        return wanted if wanted in shown else next(iter(shown), "")

    def groups(self) -> list[Group]:
        words = {**WORDS, CHANGED: WILL} if self.is_before_start else WORDS
        return [
            Group(key=key, label=words[key], look=LOOKS[key], count=self.tally[key], is_current=key == self.show)
            for key in (CHANGED, CANNOT, SAME)
            if self.tally.get(key)
        ]

    @cached_property
    def items(self) -> list[Item]:
        """The items of the shown group on this page, and one more if there is a further page."""
        after = self.request.GET.get("after", "")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        found = Item.objects.filter(job=self.job, pk__gt=start, **{self.column: self.show}) if self.show else ()
        return list(found.order_by("pk")[: SIZE + 1]) if found else []

    @property
    def shown(self) -> Sequence[Item]:
        return self.items[:SIZE]

    @property
    def after(self) -> int:
        """Where the next page begins, or 0."""
        return self.items[SIZE - 1].pk if len(self.items) > SIZE else 0

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


@require_http_methods(["GET", "POST"])
def change_records(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: make a job of the records that were chosen on the list; nothing is changed yet. GET: how to choose, and the user's jobs.

    `field` in the form names the field beforehand: to assign.
    """
    module, problem = module_or_404(slug), ""
    if not request.user.has_perm(module.permission("change")):
        raise PermissionDenied
    if request.method == "POST":
        try:
            job = jobs.create(module, chosen(request.POST, module, by=request.user), by=request.user)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            field = request.POST.get("field", "")
            return redirect(reverse("change", args=[job.pk]) + (f"?field={field}" if field in module.fields else ""))
    own = Job.objects.filter(kind=jobs.KIND, created_by=request.user.pk, options__module=module.key)
    started = own.exclude(started_at=None).order_by("-created_at")[:NEWEST]
    context = {
        "module": module,
        "problem": problem,
        "back": request.POST.get("of", ""),
        "jobs": [ChangePage(request, job) for job in started],
    }
    return render(request, "pages/changing/home.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def show_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The job's page. POST checks a value, starts, steers or undoes."""
    job = get_object_or_404(
        services.visible_to(request.user).filter(kind=jobs.KIND).select_related("created_by"), pk=pk
    )
    if not request.user.has_perm(jobs.module_of(job).permission("change")):
        raise PermissionDenied
    page = ChangePage(request, job)
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action != "check":
            return _steer(request, page, action)
        page = _check(request, page)
        if page.sent is None:
            return redirect(reverse("change", args=[pk]))
    context = {"page": page, "job": job, "module": page.module}
    return render(request, "pages/changing/job.html", context, status=422 if page.sent else 200)


def _check(request: HttpRequest, page: ChangePage) -> ChangePage:
    """Take the field and the value that were sent; the page with what is wrong with them if they can't be taken."""
    if not page.is_choosing or page.field is None:
        return page
    form = ValueForm(page.field, request.user, None, request.POST)
    if not form.is_valid():
        return ChangePage(request, page.job, form)
    jobs.order(page.job, page.field, form.value)
    return page


def _steer(request: HttpRequest, page: ChangePage, action: str) -> HttpResponse:
    job = page.job
    if action in STEERING:
        STEERING[action](job, by=request.user)
    elif action == "start" and page.is_choosing:
        _start(request, job)
    elif action == "undo":
        job = jobs.undo(job, by=request.user) or job
    return redirect(reverse("change", args=[job.pk]))


def _start(request: HttpRequest, job: Job) -> None:
    """Start what was shown; if another value was checked meanwhile, in another window, show that first."""
    if request.POST.get("times") != str(job.options.get("times")):
        messages.warning(request, _("Another value was chosen meanwhile. Look at it before you go on."))
        return
    jobs.start(job, by=request.user)
