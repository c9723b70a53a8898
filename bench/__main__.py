"""Conversions per second, and beside them what the same work costs the bare database: `python -m bench [COUNT]`.

See bench/README.md for what the lines mean.
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from bench import duplicates, lists, many
from bench.places import Place, engines, place
from bench.web import Result, measure

VTIGER = 81  # milliseconds that one conversion takes Vtiger 8 for one client: what the web is compared with
TURNS = 2  # the two ways take turns, so that a busy machine is busy for both


def main(count: int) -> None:
    print(f"{count} leads with 21 values, 4 related records, a tag and a follower become 3 records each, one by one.\n")
    for engine in engines():
        with place(engine) as first:
            first.python("-m", "bench.work", "fill", str(count))
            login = json.loads(first.python("-m", "bench.work", "login"))
            _heart(first)
            _web(first, login)


def _heart(first: Place) -> None:
    """The service and its floor, each on a copy of its own."""
    order = str(first.home.parent / "statements")
    first.copy("record").python("-m", "bench.work", "record", order)
    floor, service = [], []
    for turn in range(TURNS):
        floor.append(json.loads(first.copy(f"floor{turn}").python("-m", "bench.work", "floor", order)))
        service.append(json.loads(first.copy(f"service{turn}").python("-m", "bench.work", "service")))
    Path(order).unlink()
    took = {name: [_all(floor, name), _all(service, name)] for name in ("wall", "cpu")}
    ratios = {name: statistics.median(own) / statistics.median(bare) for name, (bare, own) in took.items()}
    for way, what in enumerate(("bare statements", "service")):
        note = f"processor {statistics.median(took['cpu'][way]):.2f} ms"
        if way:
            note += f"; {ratios['wall']:.1f} x the bare ones by the clock, {ratios['cpu']:.1f} x of the processor"
        _line(first.engine, what, took["wall"][way], sum(took["wall"][way]) / 1000, note)


def _all(runs: list[dict[str, list[float]]], name: str) -> list[float]:
    return [one for run in runs for one in run[name]]


def _web(first: Place, login: dict[str, Any]) -> None:
    for way in ("page", "api"):
        for clients in (1, 4):
            result: Result = measure(first.copy(f"{way}{clients}"), way, clients, login["pks"], login)
            middle = statistics.median(result.posts)
            note = f"{VTIGER / middle:.1f} x as fast as Vtiger; " if clients == 1 else ""
            note += f"processor {result.processor:.1f} ms{' with its GET' if result.gets else ''}; "
            note += f"workers {max(result.memory)} MB"
            _line(
                first.engine,
                f"POST by {way}, {clients} client{'s' * (clients > 1)}",
                result.posts,
                result.seconds,
                note,
            )
            if result.gets:
                _line(first.engine, "  and its GET", result.gets, result.seconds)


def _line(engine: str, what: str, took: list[float], seconds: float, note: str = "") -> None:
    ordered = sorted(took)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    print(
        f"{engine:10} {what:22} {len(took) / seconds:7.0f}/s  p50 {p50:6.2f} ms  p95 {p95:6.2f} ms  {note}", flush=True
    )


if __name__ == "__main__":
    began = time.monotonic()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    print("\nMany leads at once")
    many.main(2000, 10)
    print("\nA list of 20,000 leads")
    lists.main(20_000)
    print("\nDuplicates")
    duplicates.main(engines(), 20_000)
    print(f"\nMeasured in {time.monotonic() - began:.0f} s.")
