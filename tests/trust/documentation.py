"""The commands of the manuals, taken from there, so that what is written is what is tried."""

import re

from tests.trust.conftest import ROOT


def commands(page: str, title: str) -> str:
    """The code block with this title in a page of docs/."""
    text = (ROOT / "docs" / page).read_text()
    found = re.search(rf"^```{re.escape(title)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no block “{title}”"
    return found[1]
