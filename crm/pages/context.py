"""What the frame around every page shows: menu with counts, language, direction and theme."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.fields import registry
from crm.fields.registry import Module
from crm.kit.prepared import Prepared, Slot
from crm.lists.paging import Counted
from crm.notices.models import Notification
from crm.people import access
from crm.people.models import User
from crm.related.models import Activity

Text = str | Promise

GO_KEYS = {"lead": "KeyL", "contact": "KeyC", "organization": "KeyO", "opportunity": "KeyP"}  # g, then this key
OTHER_LANGUAGE = {"fa": ("en", "English"), "en": ("fa", "فارسی")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a menu. `key` is the physical key that leads there; `count` is shown when it is not 0."""

    label: Text
    icon: str
    url: str
    key: str = ""
    colour: str = ""
    count: int = 0
    count_label: Text = ""
    is_current: bool = False


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor; nothing is worked out before a template asks for it."""
    return {"shell": Shell(request)}


class Shell:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = getattr(request, "user", None)  # absent when the request fails before it is known

    @property
    def language(self) -> str:
        return (translation.get_language() or "en").split("-")[0]

    @property
    def direction(self) -> str:
        return "rtl" if translation.get_language_bidi() else "ltr"

    @property
    def other_language(self) -> str:
        return OTHER_LANGUAGE[self.language][0]

    @property
    def other_language_name(self) -> str:
        return OTHER_LANGUAGE[self.language][1]

    @property
    def theme(self) -> str:
        """The user's choice: "light", "dark", or "" to follow the system."""
        return getattr(self.user, "theme", "")

    @property
    def has_shortcuts(self) -> bool:
        return getattr(self.user, "has_shortcuts", False)

    @property
    def is_signed_in(self) -> bool:
        return bool(getattr(self.user, "is_authenticated", False))

    @property
    def unread(self) -> int:
        """How many notifications the user has not read, for the bell."""
        return self._counts["unread"]

    @property
    def here(self) -> str:
        """The address of this page, to come back to it after a change of language or theme."""
        return self.request.get_full_path()

    @cached_property
    def entries(self) -> list[Entry]:
        """The menu: the modules that the user may see, between the dashboard and the activities."""
        modules = [self._module_entry(module) for module in self._modules("view")]
        fixed = (
            self._link(_("Dashboard"), "speedometer2", "dashboard", key="KeyD"),
            *modules,
            self._activities(),
            self._conversions(),
            self._report(),
        )
        return [entry for entry in fixed if entry]

    @cached_property
    def administration(self) -> list[Entry]:
        """The menu's part for those who import or arrange the product."""
        found = []
        if self.user.has_perm("leads.import_leads"):
            found.append(self._link(_("Import"), "upload", "import"))
        if self.user.has_perm("mapping.change_link") or self.user.has_perm("fields.change_customfield"):
            found.append(self._link(_("Settings"), "gear", "settings"))
        return [entry for entry in found if entry]

    @cached_property
    def creatable(self) -> list[Entry]:
        """What the user may add; "n" is for the first module, leads."""
        entries = (
            self._link(module.new_label, module.icon, f"{module.slug}-new", colour=module.colour, key=_new_key(module))
            for module in self._modules("add")
        )
        return [entry for entry in entries if entry]

    def _modules(self, action: str) -> Iterator[Module]:
        return (module for module in registry.modules() if self.user.has_perm(module.permission(action)))

    @cached_property
    def _counts(self) -> dict[str, int]:
        """The user's own records of each module that counts them, and their due activities and unread notifications; all in one statement."""
        tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
        [counts] = _COUNTS.rows(user=self.user.pk, tomorrow=connection.ops.adapt_datetimefield_value(tomorrow))
        return dict(zip([*DUE_AND_UNREAD, *_counted_modules()], counts, strict=True))

    def _module_entry(self, module: Module) -> Entry | None:
        count = 0
        if module.extra.get("counts_mine"):
            count = self._counts[module.key]
        return self._link(
            module.label_plural,
            module.icon,
            f"{module.slug}-list",
            key=GO_KEYS.get(module.key, ""),
            count=count,
            count_label=_("assigned to you"),
        )

    def _activities(self) -> Entry | None:
        if not access.can(self.user, "view", Activity):
            return None
        return self._link(
            _("Activities"),
            "calendar2-check",
            "activities-list",
            count=self._counts["due"],
            count_label=_("due today or before"),
        )

    def _conversions(self) -> Entry | None:
        if not self.user.has_perm("leads.view_conversion"):
            return None
        return self._link(_("Conversions"), "receipt", "conversions")

    def _report(self) -> Entry | None:
        is_open = self.user.has_perm("leads.view_conversion")
        return self._link(_("Report"), "graph-up-arrow", "conversion-report") if is_open else None

    def _link(self, label: Text, icon: str, name: str, **more: Any) -> Entry | None:
        """Make an entry for a named page; None when this installation does not have that page."""
        try:
            url = reverse(name)
        except NoReverseMatch:
            return None
        here = self.request.path
        return Entry(
            label=label, icon=icon, url=url, is_current=here == url or (url != "/" and here.startswith(url)), **more
        )


def _counted_modules() -> list[str]:
    return [module.key for module in registry.modules() if module.extra.get("counts_mine")]


def _counts() -> QuerySet[User, Any]:
    """How many activities are due, notifications unread and records of each module the user's own."""
    tomorrow = Slot("tomorrow", DateTimeField())
    due = Activity.objects.filter(assigned_to=_user(), due_at__lt=tomorrow, status=Activity.Status.PLANNED)
    unread = Notification.objects.filter(user=_user(), read_at=None).order_by()
    records = (registry.module(key).model._default_manager.filter(assigned_to=_user()) for key in _counted_modules())
    counted = [Counted(found.order_by().values("pk")) for found in (due, unread, *records)]
    return User.objects.filter(pk=_user()).values_list(*counted)


def _user() -> Slot:
    return Slot("user", BigIntegerField())


DUE_AND_UNREAD = ("due", "unread")
_COUNTS = Prepared(_counts)


def _new_key(module: Module) -> str:
    return "KeyN" if module.key == "lead" else ""
