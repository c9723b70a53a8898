"""The conversions: those of a record, and the list of all."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.kit import periods
from crm.kit.dates import checked, parse_date
from crm.kit.digits import to_latin
from crm.kit.keys import parse_key
from crm.lists.paging import Page, Sort, capped_count, page
from crm.people.models import User
from crm.records.base import Mergeable
from leads.models import Conversion, ConversionQuerySet, Lead
from mapping.rows import TARGETS

NEWEST = Sort(key="converted_at", value=F("converted_at"), descending=True, has_empty=False)
MOST = 10


def of_record(record: Any, user: Any) -> list[Conversion]:
    """The conversions that a record came out of or was filled by, newest first; an opportunity's with those of its other leads."""
    if not user.has_perm("leads.view_conversion"):
        return []
    key = record.module.key
    own = Q(**{key: record.pk})
    if isinstance(record, Mergeable):
        own |= Q(**{f"{key}__merged_into": record.pk})
    if key == "opportunity":
        own |= Q(together_with__opportunity=record.pk)
    found = Conversion.objects.filter(own).select_related("converted_by")
    return list(found.order_by("-pk")[:MOST])


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One end of a range of days: what was typed, the day if it is one, else what to do."""

    text: str
    day: dt.date | None = None
    problem: str = ""

    @classmethod
    def read(cls, typed: str) -> "Day":
        text = typed.replace("\0", "").strip()[:40]
        try:
            return cls(text=text, day=checked(_midnight(parse_date(text))).date() if text else None)
        except ValueError as error:
            return cls(text=text, problem=str(error))


def _presets(today: dt.date) -> Iterator[tuple[str, tuple[dt.date | None, dt.date | None]]]:
    """Labels with the first and the last day; None has no limit."""
    start, day = today - dt.timedelta(days=periods.weekday(today)), dt.timedelta(days=1)
    yield _("All"), (None, None)
    yield _("This week"), (start, start + 6 * day)
    for key, label in (("month", _("This month")), ("quarter", _("This quarter"))):
        period = periods.current(key, today)
        yield label, (timezone.localdate(period.start), timezone.localdate(period.end) - day)


@dataclass(frozen=True)
class ConversionList:
    """A page of the conversions that the user may see, as the request asks for it."""

    request: HttpRequest
    sizes = (25,)
    size = 25

    @property
    def user(self) -> Any:
        return self.request.user

    @cached_property
    def text(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").strip()[:200]

    @cached_property
    def by(self) -> int | None:
        return parse_key(self.request.GET.get("by", ""))

    @property
    def since(self) -> Day:
        return self.days["since"]

    @property
    def until(self) -> Day:
        return self.days["until"]

    @cached_property
    def days(self) -> dict[str, Day]:
        return {name: Day.read(self.request.GET.get(name, "")) for name in ("since", "until")}

    def presets(self) -> Iterator[dict[str, Any]]:
        """The ranges that one press chooses, in the reader's calendar."""
        chosen = (self.since.day, self.until.day)
        for label, edges in _presets(timezone.localdate()):
            address = self._address(**dict(zip(("since", "until"), edges, strict=True)))
            yield {"label": label, "address": address, "is_current": edges == chosen}

    def _address(self, **changes: Any) -> str:
        """This list's address with something changed, and back on the first page unless `changes` says where."""
        state = {"q": self.text, "by": self.by, "since": self.since.day, "until": self.until.day, **changes}
        return "?" + urlencode({name: value for name, value in state.items() if value})

    @property
    def previous(self) -> str:
        return self._address(before=self.page.previous) if self.page.previous else ""

    @property
    def next(self) -> str:
        return self._address(after=self.page.next) if self.page.next else ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.by or self.since.text or self.until.text)

    def people(self) -> list[dict[str, Any]]:
        users = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        return [{"value": user.pk, "label": str(user), "is_chosen": user.pk == self.by} for user in users]

    @cached_property
    def found(self) -> ConversionQuerySet:
        found = Conversion.objects.visible_to(self.user)
        if self.by:
            found = found.filter(converted_by=self.by)
        if self.since.day:
            found = found.filter(converted_at__gte=_midnight(self.since.day))
        if self.until.day:
            found = found.filter(converted_at__lt=_midnight(self.until.day + dt.timedelta(days=1)))
        return found.filter(self._named()) if self.text else found

    def _named(self) -> Q:
        """The condition for the number of a conversion, a lead or a record, or for words in their names."""
        number = to_latin(self.text).upper()
        for prefix, column in (("CV-", "pk"), *((module.prefix, module.key) for module in registry.modules())):
            if number.startswith(prefix) and (pk := parse_key(number.removeprefix(prefix))) is not None:
                return Q(**{column: pk})
        named = Q(lead__in=Lead.everything.visible_to(self.user).matching(self.text).values("pk"))
        for key in TARGETS:
            records: Any = registry.module(key).model._default_manager
            named |= Q(**{f"{key}__in": records.visible_to(self.user).matching(self.text).values("pk")})
        return named

    @cached_property
    def page(self) -> Page:
        get = self.request.GET
        found = self.found.select_related("converted_by", *TARGETS, "organization__merged_into", "contact__merged_into")
        return page(found, NEWEST, size=self.size, after=get.get("after", ""), before=get.get("before", ""))

    def rows(self) -> list[dict[str, Any]]:
        """The conversions with the records that came of them; the name of one is only for those who may see it."""
        conversions = self.page.rows
        made = {
            key: {one.pk: record.current for one in conversions if (record := getattr(one, key))} for key in TARGETS
        }
        visible = {key: self._visible(key, made[key].values()) for key in TARGETS}
        return [
            {
                "conversion": one,
                "records": [
                    {
                        "module": registry.module(key),
                        "record": made[key][one.pk],
                        "is_visible": made[key][one.pk].pk in visible[key],
                        "is_existing": key in one.existing,
                    }
                    for key in TARGETS
                    if one.pk in made[key]
                ],
            }
            for one in conversions
        ]

    def _visible(self, key: str, made: Iterable[Any]) -> set[int]:
        pks = {record.pk for record in made}
        records: Any = registry.module(key).model._default_manager
        return set(records.visible_to(self.user).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()

    @cached_property
    def count(self) -> tuple[int, bool]:
        return capped_count(self.found)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
