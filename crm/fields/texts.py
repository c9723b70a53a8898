"""Text areas, e-mail addresses and web addresses; plain texts and phones need no more than the base."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext_lazy as _

from crm.fields.kind import Kind, is_empty
from crm.kit.text import clean, is_blank

if TYPE_CHECKING:
    from crm.fields.registry import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class TextArea(Kind):
    def tidy(self, text: str) -> str:
        return "" if is_blank(text) else clean(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Kind):
    def check(self, value: Any, field: "Field") -> None:
        Kind.check(self, value, field)
        if not is_empty(value):
            try:
                validate_email(value)
            except ValidationError:
                raise ValidationError(_("Enter an e-mail address, for example name@example.com.")) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Url(Kind):
    """A web address; one without a scheme is fine ("www.example.ir"), any scheme but http and https is not."""

    def check(self, value: Any, field: "Field") -> None:
        Kind.check(self, value, field)
        if is_empty(value):
            return
        if re.match(r"(?!https?://)[a-z][a-z0-9+.-]*:(?!\d)", value.strip(), re.IGNORECASE):
            raise ValidationError(_("Enter a web address that begins with http:// or https://."))
        try:
            URLValidator(schemes=["http", "https"])(value if "://" in value else f"http://{value}")
        except ValidationError:
            raise ValidationError(_("Enter a web address, for example www.example.com.")) from None
