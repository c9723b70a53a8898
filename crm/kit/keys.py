"""Primary keys as texts."""


def parse_key(text: str) -> int | None:
    """Read a primary key from an address or a form; None for what is none, or is too large for a database."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
