"""How Persian is written in the catalogue: half-spaces, Persian letters, digits and marks."""

import gettext
import re
from pathlib import Path

from django.conf import settings

ALLOWED = re.compile(r"%\([a-z_]+\)s|<[^>]*>|https?://\S*|www\.\S+|[\w.]+@[\w.]+|ISO 8601|OpenAPI 3|LEA12|B2C|UTF-8")
WRONG = re.compile(r"[يكة]|[0-9]|[,?;\"]| می | نمی | ها\b")


def test_persian_is_written_as_persian():
    with (Path(settings.LOCALE_PATHS[0]) / "fa/LC_MESSAGES/django.mo").open("rb") as file:
        texts = {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key}
    assert len(texts) > 600
    assert {
        text: WRONG.findall(ALLOWED.sub("", text)) for text in texts.values() if WRONG.search(ALLOWED.sub("", text))
    } == {}
