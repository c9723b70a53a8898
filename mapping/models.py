"""The field-mapping table: which lead field goes where, and every table that ever was."""

from django.conf import settings
from django.db import models

from mapping.rows import TARGETS


class Link(models.Model):
    """One arrow of the mapping: a lead field goes into a field of a module. Rows of the familiar table share a `row`."""

    row = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=62)
    module = models.CharField(max_length=12, choices=[(key, key) for key in TARGETS])
    target = models.CharField(max_length=62)
    is_locked = models.BooleanField(default=False)

    class Meta:
        ordering = ["row", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["module", "target"], name="one_source_per_target"),
            models.UniqueConstraint(fields=["row", "module"], name="one_target_per_cell"),
            models.CheckConstraint(condition=models.Q(module__in=TARGETS), name="link_goes_to_a_target"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.module}.{self.target}"


class Revision(models.Model):
    """A saved table: who, when and all its rows. The newest is in force."""

    number = models.PositiveIntegerField(unique=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    rows = models.JSONField()

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)
