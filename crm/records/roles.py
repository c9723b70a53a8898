"""The roles that contacts have in opportunities: those that an administrator offers, or a person's own words."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import dictionary
from crm.fields.kinds import PICKLIST
from crm.fields.registry import Field
from crm.kit.fold import fold
from crm.kit.numbers import show_number
from crm.kit.text import clean, is_blank, refuse_unstorable

LIST = "contact_role"
LONGEST = 100  # characters, as of any option
# No field of a record, but a list that administrators arrange like those of the fields.
ROLE = Field(
    key=LIST,
    label=gettext_lazy("Role in the opportunity"),
    kind=PICKLIST,
    length=LONGEST,
    picklist=LIST,
    module="opportunity",
)


def offered() -> list[str]:
    """The roles to choose from, as people read them."""
    return [option.label for option in dictionary.options(LIST) if not option.retired]


def check(text: str) -> None:
    """Raise ValidationError for a role that is too long or can't be stored."""
    refuse_unstorable(text)
    if len(text) > LONGEST:
        raise ValidationError(_("A role takes %(max)s characters.") % {"max": show_number(LONGEST)})


def parse(text: str) -> str:
    """What is kept of a role that was typed: the option that reads like it in any language, else the words themselves."""
    check(text)
    tidy = "" if is_blank(text) else " ".join(clean(text).split())
    option = _option(tidy)
    return option.value if option else tidy


def shown(role: str) -> str:
    """A role as people read it in the active language."""
    option = _option(role)
    return option.label if option else role


def together(roles: Iterable[str]) -> str:
    """Several roles of one person as one, as people read them: as many as fit, each once; "" for none."""
    first, *more = dict.fromkeys(role for role in roles if role) or [""]
    for role in more:
        both = _(", ").join((shown(first), shown(role)))
        first = both if len(both) <= LONGEST else first
    return first


def colour(role: str) -> str:
    """The colour that an administrator gave to a role, else the chip's plain one."""
    option = _option(role)
    return option.colour if option and option.colour else "mute"


def _option(text: str) -> dictionary.Option | None:
    options, folded = dictionary.options(LIST), fold(text)
    exact = (option for option in options if option.value == text)
    alike = (option for option in options if folded and folded in (fold(option.label_en), fold(option.label_fa)))
    return next(exact, None) or next(alike, None)
