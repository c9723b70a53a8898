"""Why two records look alike, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext, gettext_noop

from crm.kit.numbers import show_number
from crm.matching.match import Reason
from crm.matching.scoring import Verdict
from crm.matching.traits import PERSON

_TEXTS = {
    "national_id": gettext_noop("Same national ID"),
    "email": gettext_noop("Same e-mail"),
    "phone": gettext_noop("Same phone"),
    "local_phone": gettext_noop("Same phone but for the area code"),
    "website": gettext_noop("Same website domain"),
    "company": gettext_noop("Same company"),
}


def reasons(verdict: Verdict) -> tuple[Reason, ...]:
    """The verdict's reasons in the language in force, the weightiest first."""
    return tuple(_reasons(verdict))


def _reasons(verdict: Verdict) -> Iterator[Reason]:
    for code in verdict.codes:
        if code != "local_phone" or "phone" not in verdict.codes:
            yield Reason(code=code, text=_name(verdict) if code == "name" else gettext(_TEXTS[code]))


def _name(verdict: Verdict) -> str:
    if verdict.alike < 100:
        return gettext("Name %(percent)s%% alike") % {"percent": show_number(verdict.alike)}
    if verdict.about == PERSON:
        return gettext("Same name")
    return gettext("Same company name, which others have too") if verdict.is_ambiguous else gettext("Same company name")
