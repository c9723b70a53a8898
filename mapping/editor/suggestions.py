"""Rows to propose for lead fields that nothing carries yet: into fields of the same name and type that are free."""

from collections.abc import Iterable, Iterator, Sequence

from crm.fields.registry import Field
from crm.kit.fold import fold
from mapping.checking import Fields
from mapping.coverage import mappable
from mapping.rows import TARGETS, Row
from mapping.rules import problem


def suggest(rows: Sequence[Row], fields: Fields) -> Iterator[Row]:
    """Give a row for each unmapped lead field that has namesakes."""
    carried = {row.lead for row in rows}
    taken = {pair for row in rows for pair in row.targets().items()}
    for source in mappable():
        if source.key not in carried:
            free = {
                module: [one for one in fields[module].values() if (module, one.key) not in taken] for module in TARGETS
            }
            cells = {module: found.key for module in TARGETS if (found := _namesake(source, free[module]))}
            taken |= set(cells.items())
            if cells:
                yield Row.of(source.key, cells)


def _namesake(source: Field, targets: Iterable[Field]) -> Field | None:
    """The field with the same key, else the one with the same label, if the value fits there."""
    alike = [
        target for target in targets if target.key == source.key or fold(str(target.label)) == fold(str(source.label))
    ]
    alike.sort(key=lambda target: target.key != source.key)
    return next((target for target in alike if problem(source, target) is None), None)
