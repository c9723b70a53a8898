"""Views of lists that people keep: filters, columns and order under a name."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def usable_by(self, user: Any, module: str) -> "SavedViewQuerySet":
        """The user's own views of a module's list, and those that others share."""
        return self.filter(Q(owner=user.pk) | Q(is_shared=True), module=module).order_by("name", "pk")


class SavedView(models.Model):
    """A view of a list under a name; the one without a name holds the columns that its owner wants in the ready-made views.

    `state` has the parameters of the list's address with all their values, and "tab", the ready-made view that it narrows:
    {"tab": ["mine"], "f": ["cf_budget:gte:10"], "col": ["phone", "cf_budget"], "sort": ["-cf_budget"]}. It is checked when it is read.
    """

    module = models.CharField(max_length=20)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("Name"), max_length=60, blank=True)
    is_shared = models.BooleanField(_("Everybody sees this view"), default=False)
    state = models.JSONField(default=dict)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        constraints = [models.UniqueConstraint(fields=["module", "owner", "name"], name="one_view_per_name")]
        permissions = [
            ("share_savedview", _("Can share views with everybody")),
            ("export_records", _("Can export lists")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How the view is called in an address."""
        return f"v{self.pk}"
