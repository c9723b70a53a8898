"""Records that somebody may see, found by primary keys in statements that are put together once for each kind of user.

What may be seen is said by `visible_to` alone: it is asked with somebody who stands for all users of the same rights.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, Model, QuerySet

from crm.kit.prepared import Prepared, Slot

LARGEST = 64  # keys in one list; where more are asked for, putting the statement together is the least of the work
CACHED = 512  # statements: kinds of records and of users, and lengths of lists

Ask = Callable[..., QuerySet[Any, Any]]  # from the records that may be seen and lists of primary keys


@dataclass(frozen=True, slots=True)
class Seen:
    """A question about records that the user may see. `ask` gets these, and as many lists of primary keys as are given.

    `among` names the manager whose records are asked for.
    """

    ask: Ask
    among: str = "_default_manager"

    def records(self, model: type[Model], by: Any, *lists: Collection[int]) -> list[Any]:
        """What `ask` finds among the model's records that `by` may see."""
        if max(map(len, lists)) > LARGEST:
            return list(self.ask(getattr(model, self.among).visible_to(by), *lists))
        sizes = tuple(_rounded(len(one)) for one in lists)
        prepared = _prepared(self, model, _anybody_like(by, model), sizes)
        values = {"user": by.pk, "team": by.team_id}
        for place, (one, size) in enumerate(zip(lists, sizes, strict=True)):
            keys = [*one]
            values |= {_name(place, number): keys[min(number, len(keys) - 1)] for number in range(size)}
        return prepared.records(**values)


def seen_record(model: type[Model], pk: int, *, by: Any) -> Any:
    """The record with this primary key, below 2**63, if `by` may see it; else None."""
    return next(iter(_BY_KEY.records(model, by, [pk])), None)


_BY_KEY = Seen(lambda records, keys: records.filter(pk__in=keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anybody:
    """Stands for all users who have the same of the rights that `visible_to` asks for."""

    is_active: bool
    rights: tuple[tuple[str, bool], ...]
    has_team: bool

    pk = Slot("user", BigIntegerField())

    @property
    def team_id(self) -> Slot | None:
        return Slot("team", BigIntegerField()) if self.has_team else None

    def has_perm(self, right: str) -> bool:
        return dict(self.rights)[right]


def _anybody_like(user: Any, model: type[Model]) -> _Anybody:
    asked = (f"{model._meta.app_label}.view_{model._meta.model_name}", "people.view_all_records")
    rights = tuple((right, bool(user.has_perm(right))) for right in asked)
    return _Anybody(is_active=user.is_active, rights=rights, has_team=bool(user.team_id))


@lru_cache(CACHED)
def _prepared(seen: Seen, model: type[Model], anybody: _Anybody, sizes: tuple[int, ...]) -> Prepared:
    def make() -> QuerySet[Any, Any]:
        lists = [
            [Slot(_name(place, number), BigIntegerField()) for number in range(size)]
            for place, size in enumerate(sizes)
        ]
        return seen.ask(getattr(model, seen.among).visible_to(anybody), *lists)

    return Prepared(make)


def _name(place: int, number: int) -> str:
    return f"{place}_{number}"


def _rounded(size: int) -> int:
    """The next power of four, so that there are few statements; the last key then fills the rest."""
    return next((step for step in (0, 1, 4, 16) if size <= step), LARGEST)
