"""New instances of a model with nothing but its defaults, made many times faster than by its constructor."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def new_instance(model: type[M]) -> M:
    """An instance as `model()` gives it, put together as unpickling does: neither constructor nor signals run."""
    values, makers = _defaults(model)
    made = model.__new__(model)
    made.__dict__.update(values, _state=ModelState(), **{name: make() for name, make in makers.items()})
    return made


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """The defaults by column, and what makes those that no two instances may share."""
    makers = {
        field.attname: field.get_default
        for field in model._meta.concrete_fields
        if field.has_default() and callable(field.default)
    }
    fields = [field for field in model._meta.concrete_fields if field.attname not in makers]
    return {field.attname: field.get_default() for field in fields}, makers
