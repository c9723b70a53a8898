"""The conversions: those of a record, and the list of all."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from crm.fields import registry
from crm.kit.dates import parse_date
from crm.kit.digits import to_latin
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
        wanted = self.request.GET.get("by", "")
        return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None

    @cached_property
    def since(self) -> dt.date | None:
        return self._day("since")

    @cached_property
    def until(self) -> dt.date | None:
        return self._day("until")

    def _day(self, name: str) -> dt.date | None:
        try:
            day = parse_date(self.request.GET.get(name, ""))
        except ValueError:
            return None
        return day if 1900 <= day.year <= 2500 else None

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.by or self.since or self.until)

    def people(self) -> list[dict[str, Any]]:
        users = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        return [{"value": user.pk, "label": str(user), "is_chosen": user.pk == self.by} for user in users]

    @cached_property
    def found(self) -> ConversionQuerySet:
        found = Conversion.objects.visible_to(self.user)
        if self.by:
            found = found.filter(converted_by=self.by)
        if self.since:
            found = found.filter(converted_at__gte=_midnight(self.since))
        if self.until:
            found = found.filter(converted_at__lt=_midnight(self.until + dt.timedelta(days=1)))
        return found.filter(self._named()) if self.text else found

    def _named(self) -> Q:
        """The condition for the number of a conversion, a lead or a record, or for words in their names."""
        number = to_latin(self.text).upper()
        for prefix, column in (("CV-", "pk"), *((module.prefix, module.key) for module in registry.modules())):
            digits = number.removeprefix(prefix)
            if number.startswith(prefix) and digits.isascii() and digits.isdigit() and len(digits) < 19:
                return Q(**{column: int(digits)})
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
