"""How a field's value is shown on pages: as a link, a phone number to call, an address to write to, or plainly."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crm.fields import dictionary, kinds, registry
from crm.kit.digits import to_latin
from crm.pages.records import linked
from crm.people.access import sees

BRIEF = (kinds.PICKLIST, kinds.USER, kinds.DATETIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A value ready to be drawn. `href` makes it a link; `ltr` isolates it; `colour` makes it a chip."""

    field: registry.Field
    text: str
    href: str = ""
    ltr: bool = False
    colour: str = ""  # of the option, if an administrator gave it one
    is_multiline: bool = False

    @property
    def is_brief(self) -> bool:
        """Whether the value says by itself what it is, so that a phone can put it into a line with others."""
        return self.field.kind in BRIEF


def cell(record: Any, field: registry.Field, user: Any) -> Cell:
    """Show a record's field to a user; links lead only where the user may go."""
    value = field.get(record)
    if field.kind in (kinds.LINK, kinds.USER):
        return _link(linked(record, field), field, user)
    text = field.show(value)
    if text and field.kind is kinds.CURRENCY:
        text = _("%(amount)s %(currency)s") % {"amount": text, "currency": currency()}
    return Cell(
        field=field,
        text=text,
        href=_href(field, str(value or "")),
        ltr=field.kind.ltr and field.kind is not kinds.CURRENCY,
        colour=dictionary.colour(field.list_key, str(value)) if text and field.kind is kinds.PICKLIST else "",
        is_multiline=field.kind.multiline,
    )


def currency() -> str:
    """The installation's currency as it stands behind an amount."""
    return _("IRR") if settings.CURRENCY == "IRR" else settings.CURRENCY


def _link(target: Any, field: registry.Field, user: Any) -> Cell:
    if target is None:
        return Cell(field=field, text="")
    if field.kind is kinds.USER or not hasattr(target, "get_absolute_url"):
        return Cell(field=field, text=str(target))
    if not sees(user, target):
        return Cell(field=field, text=target.number, ltr=True)
    return Cell(field=field, text=str(target), href=target.get_absolute_url())


def name(target: Any, user: Any) -> str:
    """How something that a record points at is called for this user: a record that they may not see, by its number alone."""
    is_hidden = hasattr(target, "get_absolute_url") and not sees(user, target)
    return str(target.number if is_hidden else target or "")


def _href(field: registry.Field, value: str) -> str:
    """The address behind a phone, an e-mail or a web address; only http and https are ever linked."""
    if not value:
        return ""
    if field.kind is kinds.PHONE:
        digits = "".join(char for char in to_latin(value) if char.isdigit() or char == "+")
        return f"tel:{digits}" if digits else ""
    if field.kind is kinds.EMAIL:
        return f"mailto:{value}" if "@" in value and not set(value) & set(" ?&") else ""
    if field.kind is kinds.URL:
        scheme, mark, _rest = value.partition("://")
        if not mark:
            return f"http://{value}"
        return value if scheme.lower() in ("http", "https") else ""
    return ""
