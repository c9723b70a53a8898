"""The errors of a refused table as sentences that name row and column."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.kit.numbers import show_number
from mapping.errors import Errors
from mapping.rows import TARGETS


def sentences(errors: Errors) -> list[str]:
    """Row 3, Contact: what is wrong. Rows count from 1."""
    return list(_sentences(errors))


def _sentences(errors: Errors) -> Iterator[str]:
    for index in sorted(errors):
        for column, messages in errors[index].items():
            for message in messages:
                values = {"row": show_number(index + 1), "column": _column(column), "message": message}
                if column == "row":
                    yield _("Row %(row)s: %(message)s") % values
                else:
                    yield _("Row %(row)s, %(column)s: %(message)s") % values


def _column(column: str) -> str:
    if column in TARGETS:
        return str(registry.module(column).label)
    return _("Lead field") if column == "lead" else column[:62]
