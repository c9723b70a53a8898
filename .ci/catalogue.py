"""Fail if a text of the interface has no Persian translation or a doubtful one, or if the compiled catalogue is out of date.

Reads the catalogues itself, so that it works where gettext's programs are missing; where they are there, it also collects
the texts anew, in a copy of the code, and compares.
"""

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/fa/LC_MESSAGES/django.po")
SOURCES = ("manage.py", "crm", "leads", "mapping", "templates", "locale")
LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")$')


@dataclass(slots=True)
class Entry:
    """One text of a catalogue: `parts` are its msgid, msgctxt … by their keyword."""

    parts: dict[str, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        """How a compiled catalogue calls it."""
        context = self.parts.get("msgctxt")
        return f"{context}\x04{self.parts['msgid']}" if context else self.parts["msgid"]

    @property
    def translations(self) -> list[str]:
        return [text for keyword, text in self.parts.items() if keyword.startswith("msgstr")]


def entries(path: Path) -> dict[str, Entry]:
    """All texts of a catalogue by their key; what is crossed out (#~) isn't one."""
    found = (_entry(block) for block in path.read_text(encoding="utf-8").split("\n\n"))
    return {entry.key: entry for entry in found if entry.parts.get("msgid")}


def _entry(block: str) -> Entry:
    entry, keyword = Entry(is_fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE))), ""
    for match in filter(None, map(LINE.match, block.splitlines())):
        keyword = match[1] or keyword
        entry.parts[keyword] = entry.parts.get(keyword, "") + ast.literal_eval(match[2])
    return entry


def compiled(path: Path) -> dict[str, str]:
    """The first translation of every text in a compiled catalogue."""
    with path.open("rb") as file:
        texts = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key if isinstance(key, str) else key[0]: text for key, text in texts.items() if not is_further(key)}


def is_further(key: str | tuple[str, int]) -> bool:
    """Whether this is a second plural form."""
    return isinstance(key, tuple) and key[1] > 0


def collected() -> set[str]:
    """The keys of the texts that are in the code now."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder) / name)
        (Path(folder) / "static").mkdir()
        command = ["makemessages", "--locale", "fa", "--no-wrap", "--no-location", "--no-obsolete"]
        environment = {**os.environ, "DEBUG": "1", "VAR_DIR": folder, "DATABASE_URL": ""}
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL
        )
        return set(entries(Path(folder) / CATALOGUE))


def problems() -> list[str]:
    known = entries(ROOT / CATALOGUE)
    machine = compiled((ROOT / CATALOGUE).with_suffix(".mo"))
    found = [f"not translated: {key}" for key, entry in known.items() if not all(entry.translations)]
    found += [f"doubtful (fuzzy): {key}" for key, entry in known.items() if entry.is_fuzzy]
    found += [f"not compiled: {key}" for key, entry in known.items() if machine.get(key) != entry.translations[0]]
    if shutil.which("xgettext"):
        found += [f"not in the catalogue: {key}" for key in sorted(collected() - set(known))]
    return found


if __name__ == "__main__":
    wrong = problems()
    if wrong:
        print(*wrong, "Run 'make messages', translate what is new, and run it again.", sep="\n")
    sys.exit(bool(wrong))
