"""Why a mapping was not saved. In each case the table in force stays as it was."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mapping.models import Revision

Errors = dict[int, dict[str, list[str]]]
"""By row index and column ("lead", "organization", "contact", "opportunity", or "row" for the whole row): sentences."""


class MappingRefused(Exception):
    """Rows break a rule."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        super().__init__(errors)


class MappingChanged(Exception):
    """Somebody saved another table since; `revision` is the one in force."""

    def __init__(self, revision: "Revision") -> None:
        self.revision = revision
        super().__init__(revision.number)
