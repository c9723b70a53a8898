"""The product served by gunicorn with two workers, as installed, and clients that convert one lead after the other."""

import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from bench.places import ROOT, Place

WORKERS = 2


class Form(HTMLParser):
    """What a browser would post of the page's form if nothing were changed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._select = self._textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        name, value = have.get("name") or "", have.get("value") or ""
        if "disabled" in have:
            return
        if tag == "input" and name and (have.get("type") not in ("checkbox", "radio") or "checked" in have):
            self.sent.append((name, value or ("on" if have.get("type") == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in have:
            self.sent.append((self._select, value))
        elif tag == "textarea":
            self._textarea = name
            self.sent.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.sent[-1] = (self._textarea, self.sent[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""


@dataclass(kw_only=True)
class Result:
    """Milliseconds of each POST, the seconds that all took together, and the workers' memory in MB."""

    posts: list[float] = field(default_factory=list)
    gets: list[float] = field(default_factory=list)
    seconds: float = 0.0
    memory: list[int] = field(default_factory=list)
    processor: float = (
        0.0  # milliseconds that the workers' processors took for each conversion, opening the page included
    )


@contextmanager
def served(place: Place) -> Iterator[tuple[int, int]]:
    """Serve the place; gives the port and the server's process id."""
    place.python("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gunicorn = [sys.executable, "-m", "gunicorn", "crm.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    server = subprocess.Popen(
        [*gunicorn, "--no-control-socket", "--log-level", "error"],
        cwd=ROOT,
        env=place.environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _again in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, server.pid
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.wait()


class Client:
    """A signed-in person or, with a token, a program."""

    def __init__(self, port: int, *, session: str = "", token: str = "") -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.session = session

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[http.client.HTTPResponse, str]:
        self.link.request(method, path, body or None, {**self.headers, **headers})
        answer = self.link.getresponse()
        return answer, answer.read().decode()

    def convert_by_page(self, pk: int, result: Result) -> None:
        """Open the page, tick the opportunity too, save; the time of opening is kept apart."""
        cookie = f"sessionid={self.session}"
        begin = time.perf_counter()
        answer, page = self.ask("GET", f"/leads/{pk}/convert/", Cookie=cookie)
        result.gets.append((time.perf_counter() - begin) * 1000)
        token = re.search(r"csrftoken=([^;]+)", answer.headers["Set-Cookie"] or "")
        form = urlencode(
            [*Form(page[page.index('method="post"', page.index("<main")) :]).sent, ("create_opportunity", "on")]
        )
        cookie += f"; csrftoken={token[1]}" if token else ""
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        begin = time.perf_counter()
        answer, page = self.ask("POST", f"/leads/{pk}/convert/", form, **headers)
        result.posts.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 302, (answer.status, page[:3000])

    def convert_by_api(self, pk: int, result: Result) -> None:
        body = json.dumps({"opportunity": {"create": True}})
        begin = time.perf_counter()
        answer, text = self.ask("POST", f"/api/v1/leads/{pk}/convert/", body, **{"Content-Type": "application/json"})
        result.posts.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 201, (answer.status, text)


def measure(place: Place, way: str, clients: int, pks: list[int], login: dict[str, str]) -> Result:
    """Let clients convert the leads among them, each one after the other, after a few to warm up."""
    result = Result()
    with served(place) as (port, pid):
        queue = iter(pks)
        lock = threading.Lock()

        def work(into: Result, limit: int | None = None) -> None:
            client = Client(port, **({"session": login["session"]} if way == "page" else {"token": login["token"]}))
            for _number in range(limit) if limit else itertools.count():
                with lock:
                    pk = next(queue, None)
                if pk is None:
                    return
                getattr(client, f"convert_by_{way}")(pk, into)

        for _worker in range(2 * WORKERS):
            work(Result(), 5)
        busy = _busy(pid)
        begin = time.perf_counter()
        threads = [threading.Thread(target=work, args=(result,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        result.seconds = time.perf_counter() - begin
        result.processor = (_busy(pid) - busy) * 1000 / len(result.posts)
        result.memory = [_resident(child) for child in _children(pid)]
    return result


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _busy(pid: int) -> float:
    """Seconds of processor time that the workers took up to now."""
    fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in _children(pid)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0
