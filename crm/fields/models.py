"""What administrators may change without a programmer: the options of picklists, and custom fields."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.fields.kinds import KINDS
from crm.fields.registry import Field

KEY_PATTERN = r"^cf_[a-z0-9_]{1,59}$"


def in_language(english: str, persian: str) -> str:
    """The text in the active language, else in the other one."""
    first, second = (persian, english) if get_language() == "fa" else (english, persian)
    return first or second


class PicklistOption(models.Model):
    """One option of a list. Lists are shared: industry, rating, lead source and salutation serve several modules."""

    list_key = models.CharField(max_length=130)
    value = models.CharField(max_length=100)
    label_en = models.CharField(max_length=100)
    label_fa = models.CharField(max_length=100)
    colour = models.CharField(max_length=20, blank=True)
    position = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["list_key", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["list_key", "value"], name="one_option_per_value")]

    def __str__(self) -> str:
        return f"{self.list_key}: {self.value}"

    @property
    def label(self) -> str:
        return in_language(self.label_en, self.label_fa) or self.value


class CustomField(models.Model):
    """A field that an administrator added. Its key never changes; it is retired instead of deleted."""

    module = models.CharField(max_length=20)
    key = models.CharField(max_length=62)
    kind = models.CharField(max_length=20, choices=[(key, kind.label) for key, kind in KINDS.items()])
    label_en = models.CharField(_("English label"), max_length=100)
    label_fa = models.CharField(_("Persian label"), max_length=100)
    help_en = models.CharField(max_length=200, blank=True)
    help_fa = models.CharField(max_length=200, blank=True)
    length = models.PositiveIntegerField(null=True, blank=True)
    digits = models.PositiveSmallIntegerField(null=True, blank=True)
    places = models.PositiveSmallIntegerField(null=True, blank=True)
    required = models.BooleanField(default=False)
    default = models.JSONField(null=True, blank=True)
    in_quick_create = models.BooleanField(default=False)
    is_indexed = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["module", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["module", "key"], name="one_field_per_key"),
            models.CheckConstraint(condition=models.Q(key__regex=KEY_PATTERN), name="key_is_a_slug"),
        ]

    def __str__(self) -> str:
        return f"{self.module}.{self.key}"

    @property
    def label(self) -> str:
        return in_language(self.label_en, self.label_fa)

    def as_field(self) -> Field:
        return Field(
            key=self.key,
            label=self.label,
            help=in_language(self.help_en, self.help_fa),
            kind=KINDS[self.kind],
            length=self.length,
            digits=self.digits,
            places=self.places,
            required=self.required,
            default=None if self.default is None else KINDS[self.kind].load(self.default),
            in_quick_create=self.in_quick_create or self.required,
            block="custom",
            custom=True,
            module=self.module,
        )


class FieldSetting(models.Model):
    """What administrators decided about a field, as far as it differs from how the field comes; null says nothing.

    A custom field's own row says whether it is mandatory, its default and quick create; here it has only its place.
    """

    module = models.CharField(max_length=20)
    key = models.CharField(max_length=62)
    required = models.BooleanField(null=True)
    default = models.JSONField(null=True, blank=True)
    in_quick_create = models.BooleanField(null=True)
    block = models.CharField(max_length=20, blank=True)
    position = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["module", "key"], name="one_setting_per_field")]

    def __str__(self) -> str:
        return f"{self.module}.{self.key}"
