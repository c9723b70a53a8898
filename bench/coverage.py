"""What the settings and the conversion page cost with 200 custom fields and 10,000 leads: `python -m bench.coverage [LEADS]`.

Each engine is measured in a process of its own, on a database of its own; a time is the median of five whole pages.
"""

import json
import sys

from bench.places import engines, place

COUNT = 10_000


def main(count: int) -> None:
    for engine in engines():
        with place(engine) as here:
            found = json.loads(here.python("-m", "bench.coverage_work", str(count)).splitlines()[-1])
        print(f"{engine}: 200 custom fields, half of them mapped; {count:,} leads with a value in each")
        print(f"  {'':40}{'statements':>12}{'time':>12}")
        for name, (statements, milliseconds) in found.items():
            print(f"  {name:40}{statements:>12}{milliseconds:>9.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else COUNT)
