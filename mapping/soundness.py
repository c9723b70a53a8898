"""What became wrong with the mapping behind our back, by SQL or by a restored file (invariant I7)."""

from collections.abc import Iterator

from mapping.checking import LOCKED_PAIRS
from mapping.rules import duplicates
from mapping.table import current


def faults() -> Iterator[str]:
    """Sentences about rows that break a rule and locked rows that are gone."""
    mapping = current()
    for arrow in mapping.arrows:
        if arrow.problem:
            yield f"{arrow.source} → {arrow.module}.{arrow.target}: {arrow.problem}"
    for module, target in sorted(duplicates((arrow.module, arrow.target) for arrow in mapping.arrows)):
        yield f"{module}.{target} receives several lead fields"
    locked = {(arrow.source, arrow.module, arrow.target) for arrow in mapping.arrows if arrow.locked}
    for source, module, target in sorted(LOCKED_PAIRS - locked):
        yield f"the locked row {source} → {module}.{target} is missing"
