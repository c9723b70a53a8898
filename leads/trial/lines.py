"""Where each value of a lead would go with a given mapping. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.registry import Field
from leads.conversion.draft import held
from leads.conversion.scheme import LINKS
from leads.models import Lead
from mapping import table
from mapping.rows import TARGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """A filled value, the labels of the fields that would receive it by module, and what becomes of it otherwise."""

    field: Field
    shown: str
    cells: list[list[str]]
    remark: str

    @property
    def is_lost(self) -> bool:
        return not any(self.cells)


def trial(lead: Lead, mapping: table.Mapping) -> list[TrialLine]:
    """Try every filled value of the lead, as if all three records were made."""
    fields = registry.module("lead").fields
    return [_line(fields[key], value, mapping) for key, value in held(lead).items()]


def _line(field: Field, value: Any, mapping: table.Mapping) -> TrialLine:
    cells = [list(_labels(field, module, mapping)) for module in TARGETS]
    return TrialLine(field=field, shown=field.show(value), cells=cells, remark=_remark(field, cells, mapping))


def _labels(field: Field, module: str, mapping: table.Mapping) -> Iterator[str]:
    fields = registry.module(module).fields
    for arrow in mapping.into(module):
        if arrow.source == field.key and arrow.target not in LINKS.get(module, ()):
            yield str(fields[arrow.target].label)


def _remark(field: Field, cells: list[list[str]], mapping: table.Mapping) -> str:
    """Why nothing receives the value, or on what the receiving of it depends."""
    if not any(cells):
        broken = next((one.problem for one in mapping.arrows if one.source == field.key and one.problem), None)
        if broken:
            return _("Kept in a note, for its row is broken: %(reason)s") % {"reason": broken}
        return _("Kept in a note, for no row carries it.")
    organization, contact, _opportunity = cells
    if not organization and not contact:
        return _("Only if Opportunity is ticked; else kept in a note.")
    if not contact:
        return _("Only if Organization is ticked; else kept in a note.")
    return "" if organization else _("Only if Contact is ticked; else kept in a note.")
