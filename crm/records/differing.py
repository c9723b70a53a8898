"""When two records say different things about the same: which fields take both values, and which values win by themselves."""

from typing import Any

from crm.fields.kinds import MULTIPICKLIST, TEXTAREA

CONSENT = frozenset({"email_opt_out", "do_not_call"})  # who said no on either side stays out
APPENDABLE = (TEXTAREA, MULTIPICKLIST)


def joined(old: Any, new: Any) -> Any:
    """Both values: options without repetition, texts one below the other."""
    if isinstance(old, list):
        return [*old, *(one for one in new if one not in old)]
    return old if new in old else f"{old}\n\n{new}"
