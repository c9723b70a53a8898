"""What the engine answers: a record that looks the same, how sure it is, and why in words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why two records look alike. `code`: national_id, email, phone, website, name or company; `text` in the language in force."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A record that looks like the one asked about. `score` is 0–100; `about` says whether it is the same "person" or "company"."""

    record: Any
    score: int
    reasons: tuple[Reason, ...]
    is_strong: bool
    about: str
