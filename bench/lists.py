"""How fast a list of 200,000 leads is filtered and sorted by a custom field, with and without an index: `python -m bench.lists [COUNT]`.

Each engine is measured in a process of its own, on a database of its own; every number is the median of five first pages,
their count included.
"""

import json
import sys

from bench.places import engines, place

COUNT = 200_000


def main(count: int) -> None:
    for engine in engines():
        with place(engine) as here:
            found = json.loads(here.python("-m", "bench.list_work", str(count)).splitlines()[-1])
        print(f"{engine}: {count:,} leads, filled in {found['filled']:.0f} s, indexed in {found['indexing']:.1f} s")
        print(f"  {'':45}{'without':>10}{'with index':>12}")
        for name, milliseconds in found["without"].items():
            print(f"  {name:45}{milliseconds:>7.1f} ms{found['with'][name]:>9.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else COUNT)
