"""What a worker can do, by name, and how to ask for it.

    @task("send-webhook")
    def send(delivery: int) -> None: ...

    enqueue("send-webhook", delivery=7)   # inside the transaction: it is done after the commit, or never

A task may run twice (a worker can die between doing it and saying so), so it has to be safe to repeat.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from crm.jobs.models import Task

# Seconds until the next attempt; after the last one the task is given up.
BACK_OFF = (10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600)


class Again(Exception):
    """Raised by a task that has more to do: it is done again in so many seconds, behind what waits already."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        super().__init__(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of task: its function, the pauses between attempts, and what to do when it is given up."""

    run: Callable[..., None]
    back_off: tuple[float, ...] = BACK_OFF
    given_up: Callable[..., None] | None = None  # takes the task's arguments and `problem`


_kinds: dict[str, Kind] = {}


def task(
    name: str, *, back_off: tuple[float, ...] = BACK_OFF, given_up: Callable[..., None] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a kind of task. Its module has to be imported when its app is ready."""

    def register(run: Callable[..., None]) -> Callable[..., None]:
        _kinds[name] = Kind(run=run, back_off=back_off, given_up=given_up)
        return run

    return register


def kind(name: str) -> Kind:
    """The kind with this name; KeyError if no app registered it."""
    return _kinds[name]


def enqueue(name: str, *, run_at: dt.datetime | None = None, **arguments: Any) -> Task:
    """Ask for a task, now or at a time; its arguments are written down as JSON."""
    kind(name)
    return Task.objects.create(name=name, run_at=run_at or timezone.now(), arguments=arguments)
