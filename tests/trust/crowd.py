"""Real processes: forked from one that is set up, let go all at once, some of them killed."""

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.db import connections

Tell = Callable[[Any], None]
Task = Callable[[Tell], None]


class Crowd:
    """Processes that wait until they are let go. What each tells is kept even if it is killed."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        connections.close_all()
        self._gate_in, self._gate_out = os.pipe()
        self._folder = Path(tempfile.mkdtemp())
        self.pids = [self._fork(task, self._folder / str(number)) for number, task in enumerate(tasks)]
        os.close(self._gate_in)

    def _fork(self, task: Task, file: Path) -> int:
        pid = os.fork()
        if pid:
            return pid
        os.close(self._gate_out)
        told = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        try:
            os.read(self._gate_in, 1)
            task(lambda what: os.write(told, json.dumps(what).encode() + b"\n"))
            connections.close_all()
        except BaseException:
            os.write(told, json.dumps({"crashed": traceback.format_exc()}).encode() + b"\n")
        os._exit(0)

    def go(self) -> "Crowd":
        os.close(self._gate_out)
        return self

    def kill(self, after: float) -> "Crowd":
        """Kill all of them, as `kill -9` does, so many seconds after they were let go."""
        time.sleep(after)
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        return self

    def ended(self) -> list[list[Any]]:
        """Wait for the end of all and give what each told, in order."""
        for pid in self.pids:
            os.waitpid(pid, 0)
        return self.told()

    def told(self) -> list[list[Any]]:
        texts = [(self._folder / str(number)) for number in range(len(self.pids))]
        lines = [file.read_text().splitlines() if file.exists() else [] for file in texts]
        return [[json.loads(line) for line in one] for one in lines]


def run(*tasks: Task) -> list[list[Any]]:
    """Let the tasks run at the same time; a task that crashed ends the scenario."""
    told = Crowd(tasks).go().ended()
    for one in told:
        for what in one:
            if isinstance(what, dict) and "crashed" in what:
                sys.exit(what["crashed"])
    return told
