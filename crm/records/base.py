"""What a lead, an organization, a contact and an opportunity have in common."""

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.fields import dictionary, registry
from crm.fields.contents import SEARCHED_KINDS
from crm.kit.fold import fold, sort_key
from crm.people.access import VisibleQuerySet


class Derived(models.TextField):  # type: ignore[type-arg]
    """A column that is worked out from the others each time the row is written, bulk_create included."""

    def __init__(self, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(**{"editable": False, "blank": True, "default": "", **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.source, *args], kwargs

    def pre_save(self, instance: models.Model, add: bool) -> str:
        value: str = getattr(instance, self.source)()
        setattr(instance, self.attname, value)
        return value


class RecordQuerySet(VisibleQuerySet):
    def matching(self, text: str) -> "RecordQuerySet":
        """Keep the records that hold every word of the text, however it is spelt (ی or ي, ۰۹۱۲ or 0912)."""
        found = self
        for word in fold(text).split():
            found = found.filter(search_text__contains=word)
        return found


class RecordIsLocked(Exception):
    """Somebody tried to change a record that is closed for good: a converted lead."""

    def __init__(self, record: "Record") -> None:
        self.record = record
        super().__init__(f"{record._meta.label} {record.pk} is locked")


class Record(models.Model):
    """Base of the four modules. Rows are written by `crm.related.filing`, which validates, files and remembers what changed."""

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Assigned to")
    )
    created_at = models.DateTimeField(_("Created time"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    modified_at = models.DateTimeField(_("Modified time"))
    modified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    custom = models.JSONField(default=dict, blank=True)
    search_text = Derived("words_to_search")
    sort_name = Derived("name_to_sort")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def module(self) -> registry.Module:
        return registry.module_of(self)

    @property
    def is_locked(self) -> bool:
        """Tell whether nothing about the record may change any more."""
        return False

    @property
    def current(self) -> "Record":
        """The record that stands for this one now: itself, or the one into which it was merged."""
        return self

    @property
    def number(self) -> str:
        """The number people quote: LEA1, ORG1 …: the prefix and the primary key, so two can never be equal."""
        return f"{self.module.prefix}{self.pk}" if self.pk else ""

    @property
    def title(self) -> str:
        """How the record is called in lists, links and headings."""
        raise NotImplementedError

    def get_absolute_url(self) -> str:
        return f"/{self.module.slug}/{self.pk}/"

    def words_to_search(self) -> str:
        values = self.module.read(self)
        found = [(kind, values[key]) for key, kind in _searched(self.module) if values[key]]
        phones = [national(value) for kind, value in found if kind == "phone"]
        return " ".join([*(fold(value) for _kind, value in found), *phones])

    def name_to_sort(self) -> str:
        return sort_key(self.title)


class Mergeable(models.Model):
    """A record that may be merged into another: it stays as a forwarding address, and is in no list, search, export or API."""

    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )

    class Meta:
        abstract = True

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None  # type: ignore[attr-defined]

    @property
    def is_locked(self) -> bool:
        return self.is_merged

    @property
    def current(self) -> Any:
        return self.merged_into or self


def merged_index(name: str) -> models.Index:
    """Finds what was merged into a record. Partial: a whole one would be chosen for "not merged", which is nearly every row."""
    return models.Index(fields=["merged_into"], name=name, condition=models.Q(merged_into__isnull=False))


class CurrentRecords(models.Manager.from_queryset(RecordQuerySet)):  # type: ignore[misc]
    """Hides the records that were merged into others."""

    def get_queryset(self) -> RecordQuerySet:
        return super().get_queryset().filter(merged_into=None)  # type: ignore[no-any-return]


def _searched(module: registry.Module) -> list[tuple[str, str]]:
    """The keys and kinds of the fields whose texts are searched."""
    return dictionary.worked_out(
        ("searched", module.key),
        lambda: [(key, field.kind.key) for key, field in module.fields.items() if field.kind.key in SEARCHED_KINDS],
    )


@lru_cache(4096)
def national(phone: str) -> str:
    """The bare digits of a phone number as dialled inside the country, for searching: +98 912 … and 0912 … are alike."""
    digits = re.sub(r"\D", "", fold(phone))
    return re.sub(r"^(00)?98(?=\d{10}$)", "0", digits)


class Person(models.Model):
    """Names and addresses that leads and contacts share."""

    salutation = models.CharField(max_length=100, blank=True, default="")
    first_name = models.CharField(max_length=40, blank=True, default="")
    last_name = models.CharField(max_length=80)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or str(_("(no name)"))

    def name_to_sort(self) -> str:
        return sort_key(f"{self.last_name} {self.first_name}")


def text(length: int) -> "models.CharField[str, str]":
    """An optional text column."""
    return models.CharField(max_length=length, blank=True, default="")


def long_text() -> "models.TextField[str, str]":
    return models.TextField(blank=True, default="")


def amount() -> "models.DecimalField[Any, Any]":
    """A sum of money with 20 digits before and 5 after the point."""
    return models.DecimalField(max_digits=25, decimal_places=5, null=True, blank=True)


def whole_number() -> "models.IntegerField[Any, Any]":
    return models.IntegerField(null=True, blank=True)


def picked() -> "models.CharField[str, str]":
    """A picklist's value."""
    return text(100)
