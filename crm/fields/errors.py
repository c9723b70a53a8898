"""Why a change of the dictionary of fields is refused. Each is a ValidationError, so that pages and API show it at its place."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.kit.numbers import show_number


class DictionaryRefused(ValidationError):
    """Base: `messages` by the name of the parameter that is wrong ("" for the whole)."""

    def __init__(self, messages: dict[str, list[str]]) -> None:
        super().__init__(messages)


class BadLabel(DictionaryRefused):
    """A label is missing, too long, or has characters that can't be stored."""


class LabelTaken(DictionaryRefused):
    """Another field of the module, or another option of the list, reads the same."""


class BadDefinition(DictionaryRefused):
    """A size, a default value or an option that no field of this type can have."""


class NotAllowed(DictionaryRefused):
    """A standard field keeps its type, its size and, for a few, that it is mandatory."""


class StillInUse(DictionaryRefused):
    """Something above rests on the field or option: `reasons` name the mapping rows and the like."""

    def __init__(self, message: str, reasons: Sequence[str], *, parameter: str = "") -> None:
        self.reasons = list(reasons)
        super().__init__({parameter: [message, *reasons]})


class ValuesDontFit(DictionaryRefused):
    """Records hold values that the changed field could not hold; `count` of them."""

    def __init__(self, count: int, *, parameter: str) -> None:
        self.count = count
        message = ngettext(
            "%(count)s record holds a value that would not fit. Change it first.",
            "%(count)s records hold values that would not fit. Change them first.",
            count,
        )
        super().__init__({parameter: [message % {"count": show_number(count)}]})


class ValuesAreLocked(DictionaryRefused):
    """Converted leads hold values that can't be rewritten any more; `count` of them."""

    def __init__(self, count: int, *, parameter: str) -> None:
        self.count = count
        message = ngettext(
            "%(count)s converted lead holds a value of the old type and can't be changed any more.",
            "%(count)s converted leads hold values of the old type and can't be changed any more.",
            count,
        )
        advice = _("Make a new field instead.")
        super().__init__({parameter: [f"{message % {'count': show_number(count)}} {advice}"]})
