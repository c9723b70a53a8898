"""New instances of a model with nothing but its defaults, made several times faster than by keywords."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


def fresh(model: type[M]) -> M:
    """An instance as `model()` gives it."""
    return model(*[default() for default in _defaults(model)])


@cache
def _defaults(model: type[models.Model]) -> list[Callable[[], Any]]:
    """By column, in the order in which a model takes its values without names."""
    return [field.get_default if field.has_default() else _silent(field) for field in model._meta.concrete_fields]


def _silent(field: Any) -> Callable[[], Any]:
    value = field.get_default()
    return lambda: value
