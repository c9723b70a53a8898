"""Why two records look alike, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.kit.numbers import show_number
from crm.matching.match import Reason
from crm.matching.scoring import Verdict
from crm.matching.traits import PERSON


def reasons(verdict: Verdict) -> tuple[Reason, ...]:
    """The verdict's reasons in the language in force, the weightiest first."""
    return tuple(_reasons(verdict))


def _reasons(verdict: Verdict) -> Iterator[Reason]:
    texts = {
        "national_id": _("Same national ID"),
        "email": _("Same e-mail"),
        "phone": _("Same phone"),
        "local_phone": _("Same phone but for the area code"),
        "website": _("Same website domain"),
        "company": _("Same company"),
        "name": _name(verdict),
    }
    for code in verdict.codes:
        if code != "local_phone" or "phone" not in verdict.codes:
            yield Reason(code=code, text=texts[code])


def _name(verdict: Verdict) -> str:
    if verdict.alike < 100:
        return _("Name %(percent)s%% alike") % {"percent": show_number(verdict.alike)}
    if verdict.about == PERSON:
        return _("Same name")
    return _("Same company name, which others have too") if verdict.is_ambiguous else _("Same company name")
