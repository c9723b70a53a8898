"""The rules in force."""

from typing import Any

from crm.matching.models import Rules

COLUMNS = ("by_email", "by_phone", "by_website", "by_national_id", "by_name", "strong_from", "shown_from")


def current() -> Rules:
    """What counts as a likely duplicate now; the defaults where nobody changed them."""
    return Rules.objects.first() or Rules()


def from_columns(values: tuple[Any, ...]) -> Rules:
    """The rules from the columns that a larger statement brought along; all None where nobody changed them."""
    return Rules() if values[0] is None else Rules(**dict(zip(COLUMNS, values, strict=True)))


def save(rules: Rules) -> None:
    """Put the rules in force."""
    rules.pk = 1
    rules.save()
