"""The worker: takes what is due, does it, and holds it so that no other does it too. Any number may run, on any machines."""

import datetime as dt
import itertools
import logging
import os
import secrets
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection
from django.db.models import Q
from django.utils import timezone

from crm.fields import dictionary
from crm.jobs.models import Task
from crm.jobs.tasks import Again, Kind, kind

LEASE = dt.timedelta(seconds=60)
LIFE = secrets.token_hex(4)  # of this process, whose number another had before and may have after it
IDLE = 1.0  # seconds between two looks when nothing is due
_numbers = itertools.count()
logger = logging.getLogger(__name__)


class Worker:
    """One worker of one process. `stop` lets it finish what it does and then end."""

    def __init__(self) -> None:
        self.host = socket.gethostname()[:100]
        self.name = f"{self.host} {os.getpid()} {LIFE} {next(_numbers)}"
        self.stopping = threading.Event()

    def stop(self, *_signal: object) -> None:
        self.stopping.set()

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stopping.is_set():
            close_old_connections()
            try:
                worked = self.work()
            except Exception:
                logger.exception("The worker could not ask for work")  # the database is away: it will come back
                connection.close()
                worked = False
            if not worked:
                self.stopping.wait(IDLE)

    def work(self) -> bool:
        """Do one task that is due, and tell whether there was one."""
        task = self._take()
        if task is None:
            return False
        self._do(task)
        return True

    def _take(self) -> Task | None:
        """Take what is due first; the update decides between two workers that saw the same."""
        now = timezone.now()
        due = Task.objects.filter(given_up_at=None, run_at__lte=now)
        free = Q(held_until=None) | Q(held_until__lt=now) | Q(holder__in=self._dead())
        for task in due.filter(free).order_by("run_at", "pk")[:5]:
            seen = Task.objects.filter(pk=task.pk, holder=task.holder, held_until=task.held_until, run_at=task.run_at)
            task.attempts += 1
            if seen.update(holder=self.name, held_until=now + LEASE, attempts=task.attempts):
                return task
        return None

    def _dead(self) -> list[str]:
        """The holders that ran on this machine and do not live any more."""
        holders = Task.objects.exclude(holder="").values_list("holder", flat=True).distinct()
        return [name for name in holders if name != self.name and self._is_dead(name)]

    def _is_dead(self, name: str) -> bool:
        host, pid, life, _number = name.rsplit(" ", 3)
        if host != self.host:
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return int(pid) == os.getpid() and life != LIFE

    def _do(self, task: Task) -> None:
        mine = Task.objects.filter(pk=task.pk, holder=self.name)
        free = {"holder": "", "held_until": None}
        dictionary.forget()
        try:
            known = kind(task.name)
            with self._held(task):
                known.run(**task.arguments)
        except Again as again:
            run_at = timezone.now() + dt.timedelta(seconds=again.seconds)
            mine.update(**free, run_at=run_at, attempts=0, problem="")
        except Exception as error:
            logger.exception("Task %s failed", task)
            self._failed(task, error)
        else:
            mine.delete()

    def _failed(self, task: Task, error: Exception) -> None:
        """Try again later, or give up."""
        if not connection.in_atomic_block:
            connection.close()  # whatever state it is in
        problem = "".join(traceback.format_exception_only(error)).strip()
        mine = Task.objects.filter(pk=task.pk, holder=self.name)
        known = _kind_or_none(task.name)
        pauses = known.back_off if known else ()
        free = {"holder": "", "held_until": None, "problem": problem}
        if task.attempts <= len(pauses):
            mine.update(**free, run_at=timezone.now() + dt.timedelta(seconds=pauses[task.attempts - 1]))
            return
        mine.update(**free, given_up_at=timezone.now())
        if known and known.given_up:
            known.given_up(**task.arguments, problem=problem)

    @contextmanager
    def _held(self, task: Task) -> Iterator[None]:
        """Prolong the hold from a thread for as long as the work takes."""
        done = threading.Event()

        def prolong() -> None:
            while not done.wait(LEASE.total_seconds() / 3):
                Task.objects.filter(pk=task.pk, holder=self.name).update(held_until=timezone.now() + LEASE)
                connection.close()

        thread = threading.Thread(target=prolong, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _kind_or_none(name: str) -> Kind | None:
    try:
        return kind(name)
    except KeyError:
        return None


def work_off(limit: int = 1000) -> int:
    """Do everything that is due in this process, and tell how many tasks that were; for tests and small commands."""
    worker, done = Worker(), 0
    while done < limit and worker.work():
        done += 1
    return done
