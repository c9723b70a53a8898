"""The board: open leads as cards, one column per status. There is no column for converted ones: a lead leaves by conversion."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest

from crm.fields import dictionary
from crm.kit.keys import parse_key
from crm.people.access import sees_all
from leads.board.forms import LOST, MoveForm
from leads.dashboard.numbers import READY
from leads.dashboard.page import leads_with, short_amount
from leads.models import Lead

SHOWN = 20  # cards in a column; the list shows the rest
COLUMNS = ("first_name", "last_name", "company", "lead_status", "created_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A status with its newest leads; `count` and `amount` (the revenues' sum) are of all its leads."""

    value: str
    label: str
    count: int
    amount: str
    cards: list[Lead]
    url: str
    colour: str = ""

    @property
    def is_ready(self) -> bool:
        return self.value == READY

    @property
    def is_lost(self) -> bool:
        return self.value in LOST


@dataclass(frozen=True)
class Board:
    """What the request asks for: whose leads, and which card's menu is open (`form`)."""

    request: HttpRequest
    form: MoveForm | None = None

    @property
    def user(self) -> Any:
        return self.request.user

    @cached_property
    def view(self) -> str:
        wanted = self.request.POST.get("view") or self.request.GET.get("view", "")
        return wanted if wanted in ("mine", "all") else "all" if sees_all(self.user) else "mine"

    @cached_property
    def _leads(self) -> QuerySet[Any]:
        leads: QuerySet[Any] = Lead.objects.visible_to(self.user)
        return leads.filter(assigned_to=self.user.pk) if self.view == "mine" else leads

    @cached_property
    def moving(self) -> int | None:
        """The lead whose menu is open."""
        if self.form is not None:
            return self.form.lead
        return parse_key(self.request.GET.get("move", ""))

    def move_form(self) -> MoveForm:
        """The open menu's form, with what was refused or with the column that a card was dropped on."""
        return self.form or MoveForm(lead=self.moving or 0, initial={"status": self.request.GET.get("to", "")})

    def columns(self) -> Iterator[Column]:
        """All statuses that a lead may get, and those that leads still have; two statements."""
        found = {
            row["lead_status"]: row
            for row in self._leads.order_by()
            .values("lead_status")
            .annotate(number=Count("pk"), amount=Sum("annual_revenue", default=0))
        }
        cards = self._cards()
        known = {option.value: option for option in dictionary.options("lead_status")}
        values = [value for value, option in known.items() if value in found or not option.retired]
        for value in [*values, *sorted(found.keys() - known.keys())]:
            row = found.get(value, {"number": 0, "amount": 0})
            yield Column(
                value=value,
                label=known[value].label if value in known else value or "—",
                count=row["number"],
                amount=short_amount(row["amount"]) if row["amount"] else "",
                cards=cards.get(value, []),
                url=leads_with(view=self.view, status=value),
                colour=known[value].colour if value in known else "",
            )

    def _cards(self) -> dict[str, list[Lead]]:
        newest = [F("created_at").desc(), F("pk").desc()]
        place = Window(RowNumber(), partition_by=F("lead_status"), order_by=newest)
        cards: dict[str, list[Lead]] = {}
        for lead in self._leads.only(*COLUMNS).annotate(place=place).filter(place__lte=SHOWN).order_by(*newest):
            cards.setdefault(lead.lead_status, []).append(lead)
        return cards
