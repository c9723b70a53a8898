"""The environment that every test runs in; loaded before the settings are."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("LANGUAGE_CODE", "en")
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="tabdil-tests-")
(Path(os.environ["VAR_DIR"]) / "static").mkdir()
