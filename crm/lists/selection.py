"""The records of a module that an address asks for: view, search, filters, columns and order, all checked against the registry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields import conditions, dictionary, kinds, registry, values
from crm.fields.conditions import ME, Condition
from crm.kit.keys import parse_key
from crm.kit.numbers import show_number
from crm.lists.models import SavedView
from crm.lists.paging import Sort
from crm.people.models import User
from crm.related.quiet import is_quiet

FILTERS = ("q", "status", "owner", "f", "match")  # what of an address narrows the list
KEPT = (*FILTERS, "sort", "col")  # what a saved view holds
NAME = "name"  # the first column: the record's own name, with a link
MAX_CONDITIONS, MAX_COLUMNS = 20, 40
MAX_TEXT = 200  # characters to search for
State = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition of the address as it is written there; `condition` is None where `problem` says what is wrong with it."""

    text: str
    condition: Condition | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """Something in the address that can't be understood: the parameter, what stands there, and what is wrong with it."""

    key: str
    text: str
    problem: str


class NotUnderstood(ValidationError):
    """An address says what can't be understood, so that all of its list may be more than was meant."""


@dataclass(frozen=True)
class Selection:
    """What `user` asks of a module's list by the parameters of an address. Nothing of the address reaches the database unchecked."""

    user: Any
    module: registry.Module
    asked: QueryDict

    @cached_property
    def visible(self) -> Any:
        return self.module.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]

    @cached_property
    def views(self) -> list[SavedView]:
        """The saved views that the user may open, and the one without a name that holds their usual columns."""
        return list(SavedView.objects.usable_by(self.user, self.module.key))

    @cached_property
    def view(self) -> SavedView | None:
        """The saved view that is open."""
        wanted = self.asked.get("view", "")
        return next((view for view in self.views if view.name and view.key == wanted), None)

    @cached_property
    def usual(self) -> SavedView | None:
        """The user's usual columns."""
        return next((view for view in self.views if not view.name and view.owner_id == self.user.pk), None)

    @cached_property
    def saved(self) -> State:
        return clean(self.view.state) if self.view else {}

    @cached_property
    def tab(self) -> str:
        """The ready-made view, or the one that the saved view narrows."""
        wanted = self.saved.get("tab", ["all"])[0] if self.view else self.asked.get("view", "")
        return wanted if wanted in self.tab_conditions else "all"

    @cached_property
    def tab_conditions(self) -> dict[str, Q]:
        """The tabs' conditions. All but "all" are the user's own records, so that counting them is cheap."""
        mine = Q(assigned_to=self.user.pk)
        found = {"all": Q(), "mine": mine}
        if ready := self.module.extra.get("ready"):
            midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            found |= {"ready": mine & Q(**ready), "today": mine & Q(created_at__gte=midnight)}
            found["stale"] = mine & is_quiet(self.module.key)
        return found

    @cached_property
    def state(self) -> State:
        """What is in force: the address's own filters, columns and order, else those of the saved view."""
        own = clean({key: self.asked.getlist(key) for key in KEPT if key in self.asked})
        own.setdefault("sort", self.saved.get("sort", []))
        own.setdefault("col", self.saved.get("col", []))
        if not any(key in self.asked for key in (*FILTERS, "x")):
            own |= {key: self.saved[key] for key in FILTERS if key in self.saved}
        return clean(own)

    @property
    def is_changed(self) -> bool:
        """Tell whether the list differs from its view as it was saved."""
        return self.state != {key: value for key, value in self.saved.items() if key != "tab"}

    def address(self, **changes: Any) -> str:
        """The query string of this list with some parameters changed, from its first page; an empty list takes one away."""
        state: dict[str, Any] = {"view": [self.asked.get("view", "")], **self.state}
        if self.view:
            state["x"] = ["1"]
        if size := self.asked.get("size"):
            state["size"] = [size]
        query = QueryDict(mutable=True)
        for key, texts in self.left_out.items():  # kept, so that no page of the list forgets what was asked
            state[key] = [*state.get(key, []), *texts]
        for key, value in {**state, **changes}.items():
            query.setlist(key, [str(one) for one in value if one != ""])
        return "?" + query.urlencode()

    def without(self, key: str, text: str, **changes: Any) -> str:
        """The address without this one value of a parameter."""
        texts = [*self.state.get(key, []), *self.left_out.get(key, [])]
        return self.address(**{key: [one for one in texts if one != text], **changes})

    @cached_property
    def left_out(self) -> State:
        """What the address asks beyond what a list takes: a 21st condition, a second owner, a field by its bare name."""
        fields = [key for key in self.asked if key in self.module.fields and key not in KEPT]
        asked = {key: [text for text in dict.fromkeys(self.asked.getlist(key)) if text] for key in (*FILTERS, *fields)}
        extra = {
            key: [text for text in texts if text not in self.state.get(key, [])]
            for key, texts in asked.items()
            if key in self.asked
        }
        return {key: texts for key, texts in extra.items() if texts}

    @cached_property
    def misread(self) -> list[Misread]:
        """What of the address was not understood and so doesn't narrow the list. Nothing is done with all of such a list."""
        return list(self._misread())

    def _misread(self) -> Iterator[Misread]:
        asked = self.asked.get("view", "")
        if (asked and not self.view and asked not in self.tab_conditions) or self._has_lost_tab:
            yield Misread(key="view", text=asked, problem=_("This view is not there any more."))
        for text in self.state.get("status", []):
            if text not in self.statuses:
                yield Misread(key="status", text=text, problem=_("There is no such status."))
        if (owner := self.state.get("owner")) and self.owner is None:
            yield Misread(key="owner", text=owner[0], problem=_("There is no such owner."))
        if len(self.state.get("q", [""])[0]) > MAX_TEXT:
            problem = _("Search for at most %(max)s characters.") % {"max": show_number(MAX_TEXT)}
            yield Misread(key="q", text=self.text[:20] + "…", problem=problem)
        yield from (Misread(key="f", text=one.text, problem=one.problem) for one in self.filters if one.problem)
        for key, texts in self.left_out.items():
            yield from (Misread(key=key, text=text, problem=self._too_many(key)) for text in texts)

    def _too_many(self, key: str) -> str:
        if key == "f":
            return _("A list takes at most %(max)s conditions.") % {"max": show_number(MAX_CONDITIONS)}
        if key in self.module.fields and key not in KEPT:
            return _("Filter by this field with “Add filter”.")
        return _("There is more of it than a list takes.")

    @property
    def _has_lost_tab(self) -> bool:
        """Whether the saved view narrows a ready-made one that this module doesn't have."""
        return self.saved.get("tab", ["all"])[0] not in self.tab_conditions

    @property
    def understood(self) -> Any:
        """All records of the list, to do something with them. Raises NotUnderstood where that may be more than was meant."""
        if self.misread:
            raise self.refusal()
        return self.found

    def refusal(self) -> NotUnderstood:
        """What to say where nothing is done because of what was not understood."""
        first = self.misread[0]
        message = _("“%(text)s” was not understood: %(problem)s Take it away from the list first.")
        return NotUnderstood(message % {"text": first.text, "problem": first.problem})

    @cached_property
    def text(self) -> str:
        return self.state.get("q", [""])[0].replace("\0", "").strip()[:MAX_TEXT]

    @property
    def status_list(self) -> str:
        field = self.module.fields.get(self.module.status_field)
        return field.list_key if field else ""

    @cached_property
    def statuses(self) -> list[str]:
        return [value for value in self.state.get("status", []) if value in dictionary.labels(self.status_list)]

    @cached_property
    def owner(self) -> int | str | None:
        """The owner's primary key, or "me"."""
        wanted = self.state.get("owner", [""])[0]
        return ME if wanted == ME else parse_key(wanted)

    @cached_property
    def users(self) -> Mapping[int, str]:
        """The active users by primary key, in the order of their names."""
        users = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        return {user.pk: str(user) for user in users}

    @cached_property
    def filters(self) -> list[Filter]:
        """The address's conditions. One that can't be understood is kept with the reason, and does not narrow the list."""
        return [self._filter(text) for text in self.state.get("f", [])]

    def _filter(self, text: str) -> Filter:
        try:
            return Filter(text=text, condition=conditions.read(text, self.module))
        except ValidationError as error:
            return Filter(text=text, problem=" ".join(error.messages))

    @property
    def matches_any(self) -> bool:
        """Tell whether one of the conditions is enough."""
        return self.state.get("match") == ["any"]

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.statuses or self.owner or self.filters or self.misread)

    @cached_property
    def found(self) -> Any:
        """The records, unsorted."""
        records = self.visible.filter(self.tab_conditions[self.tab])
        if self.text:
            records = records.matching(self.text)
        if self.statuses:
            records = records.filter(**{f"{self.module.status_field}__in": self.statuses})
        if self.owner:
            records = records.filter(assigned_to=self.user.pk if self.owner == ME else self.owner)
        return records.filter(self._conditions())

    def _conditions(self) -> Q:
        joined = Q()
        for one in self.filters:
            if one.condition:
                asked = one.condition.q(self.user.pk)
                joined = joined | asked if self.matches_any else joined & asked
        return joined

    @cached_property
    def columns(self) -> list[registry.Field]:
        """The chosen columns behind the name: the address's, else the view's, else the user's usual ones, else the module's."""
        fields = self.module.fields
        usual = clean(self.usual.state).get("col", []) if self.usual and not self.view else []
        chosen = [key for key in self.state.get("col") or usual if key in fields]
        return [fields[key] for key in chosen or self.module.columns[1:] if key in fields]

    def sorts(self) -> Iterator[registry.Field]:
        """The fields that the list can be sorted by."""
        return (field for field in self.module.fields.values() if values.order(field) is not None)

    @cached_property
    def sort(self) -> Sort:
        wanted = self.state.get("sort", ["-created_at"])[0]
        key, descending = wanted.removeprefix("-"), wanted.startswith("-")
        if key == NAME:
            return Sort(key=key, value=F("sort_name"), descending=descending, has_empty=False)
        field = self.module.fields.get(key)
        value = values.order(field) if field else None
        if field is None or value is None:
            return Sort(key="created_at", value=F("created_at"), descending=True, has_empty=False)
        return Sort(key=key, value=value, descending=descending, has_empty=has_empty(field, self.module))

    def links(self) -> list[str]:
        """The relations that the columns show."""
        return [name for field in self.columns for name in field.relations]


def has_empty(field: registry.Field, module: registry.Module) -> bool:
    """Tell whether rows may have no value to sort by."""
    value = values.value(field)
    if isinstance(value, F) and field.kind in (kinds.DATE, kinds.DATETIME, kinds.CHECKBOX):
        return bool(getattr(module.model._meta.get_field(field.key), "null", True))
    return True


def clean(state: Any) -> State:
    """Keep what a view may hold, in its shape; drop what is empty."""
    if not isinstance(state, Mapping):
        return {}
    limits = {"f": MAX_CONDITIONS, "col": MAX_COLUMNS, "status": MAX_COLUMNS}
    kept: State = {}
    for key in ("tab", *KEPT):
        texts = [one for one in state.get(key, []) if isinstance(one, str) and one and "\0" not in one]
        if texts := list(dict.fromkeys(texts))[: limits.get(key, 1)]:
            kept[key] = texts
    return kept
