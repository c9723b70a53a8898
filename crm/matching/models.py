"""The keys by which records are known again, one row per key, and the rules by which they count."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.matching.traits import HOLDERS, LENGTH


class Key(models.Model):
    """One key of one record, written with the record (`writing.py`). `text` is the readable name behind a name's key."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, null=True, db_index=False, related_name="matching_keys"
    )
    organization = models.ForeignKey(
        "records.Organization", on_delete=models.CASCADE, null=True, db_index=False, related_name="matching_keys"
    )
    contact = models.ForeignKey(
        "records.Contact", on_delete=models.CASCADE, null=True, db_index=False, related_name="matching_keys"
    )
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=LENGTH)
    text = models.CharField(max_length=LENGTH, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    *(models.Q(**{f"{other}__isnull": other != holder for other in HOLDERS}) for holder in HOLDERS),
                    _connector=models.Q.OR,
                ),
                name="key_has_one_holder",
            )
        ]
        indexes = [
            *(
                models.Index(
                    fields=[holder], name=f"key_of_{holder}", condition=models.Q(**{f"{holder}__isnull": False})
                )
                for holder in HOLDERS
            ),
            *(
                models.Index(
                    fields=["value", "kind"],
                    name=f"key_in_{holder}s",
                    condition=models.Q(**{f"{holder}__isnull": False}),
                )
                for holder in HOLDERS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class Rules(models.Model):
    """What counts as a likely duplicate: one row, changed by administrators."""

    by_email = models.BooleanField(_("Same e-mail"), default=True)
    by_phone = models.BooleanField(_("Same phone"), default=True)
    by_website = models.BooleanField(_("Same website domain"), default=True)
    by_national_id = models.BooleanField(_("Same national ID"), default=True)
    by_name = models.BooleanField(_("Alike name"), default=True)
    strong_from = models.PositiveSmallIntegerField(
        _("Strong from (percent)"), default=80, validators=[MinValueValidator(50), MaxValueValidator(100)]
    )
    shown_from = models.PositiveSmallIntegerField(
        _("Shown from (percent)"), default=50, validators=[MinValueValidator(40), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("duplicate rules")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_set_of_rules"),
            models.CheckConstraint(condition=models.Q(shown_from__lte=models.F("strong_from")), name="strong_is_shown"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_from}/{self.strong_from}"

    @property
    def using(self) -> frozenset[str]:
        """The kinds of keys that count."""
        chosen = {
            "email": self.by_email,
            "phone": self.by_phone,
            "local_phone": self.by_phone,
            "website": self.by_website,
            "national_id": self.by_national_id,
            "name": self.by_name,
        }
        return frozenset(kind for kind, counts in chosen.items() if counts)
