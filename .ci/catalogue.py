"""Fail if a text of the interface has no Persian translation or a doubtful one, or if the compiled catalogue is out of date.

Reads the catalogue itself, so that it works where gettext's programs are missing; where they are there, it also collects the
texts anew and compares.
"""

import ast
import gettext
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path("locale/fa/LC_MESSAGES")
COLLECT = ["manage.py", "makemessages", "--locale", "fa", "--no-wrap", "--no-location"]
IGNORED = ("--ignore", ".venv/*", "--ignore", "var/*", "--ignore", "tests/*", "--ignore", "bench/*")


def entries(path: Path) -> dict[str, tuple[list[str], bool]]:
    """The catalogue's texts: msgid → (translations, is fuzzy)."""
    found: dict[str, tuple[list[str], bool]] = {}
    for block in path.read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        texts: list[tuple[str, str]] = []
        for line in lines:
            if match := re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', line):
                texts.append((match[1], ast.literal_eval(match[2])))
            elif texts:
                texts[-1] = (texts[-1][0], texts[-1][1] + ast.literal_eval(line))
        msgid = next((text for kind, text in texts if kind == "msgid"), "")
        if msgid:
            found[msgid] = ([text for kind, text in texts if kind.startswith("msgstr")], "#, fuzzy" in block)
    return found


def problems() -> list[str]:
    known = entries(FOLDER / "django.po")
    found = [f"not translated: {msgid}" for msgid, (texts, _fuzzy) in known.items() if not all(texts)]
    found += [f"fuzzy: {msgid}" for msgid, (_texts, is_fuzzy) in known.items() if is_fuzzy]
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    texts = {key if isinstance(key, str) else key[0]: text for key, text in compiled.items()}
    found += [f"not compiled: {msgid}" for msgid, (wanted, _fuzzy) in known.items() if texts.get(msgid) != wanted[0]]
    if shutil.which("xgettext"):
        found += [f"not in the catalogue: {msgid}" for msgid in collected() if msgid not in known]
    return found


def collected() -> set[str]:
    """The texts that are in the code now, collected into a copy of the catalogue."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "django.po"
        shutil.copy(FOLDER / "django.po", copy)
        try:
            subprocess.run([sys.executable, *COLLECT, *IGNORED], check=True, stdout=subprocess.DEVNULL)
            return set(entries(FOLDER / "django.po"))
        finally:
            shutil.copy(copy, FOLDER / "django.po")


if __name__ == "__main__":
    wrong = problems()
    print("\n".join(wrong) or "The Persian catalogue is complete.")
    sys.exit(bool(wrong))
