"""Keys for searching and sorting: what looks or sounds alike to a Persian reader becomes equal."""

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from crm.kit.digits import to_latin

ZWNJ, TATWEEL = "\u200c", "\u0640"
_SAME = str.maketrans("يىئكةۀؤأإٱآ", "یییکههواااا")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz" + "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_ORDER = {char: place for place, char in enumerate(" 0123456789" + _ALPHABET, start=1)}
_SORTED_ALIKE = str.maketrans("يىئكةۀؤأإٱ", "یییکههوااا")
_CODE = "0123456789abcdefghijklmnopqrstuvwxyz"


class _Letters(dict[int, str]):
    """A table for `str.translate` that works out a letter when it meets it first."""

    def __init__(self, letter: Callable[[str], str]) -> None:
        super().__init__()
        self._letter = letter

    def __missing__(self, code: int) -> str:
        self[code] = self._letter(chr(code))
        return self[code]


def _kept(char: str) -> str:
    return "" if char == TATWEEL or unicodedata.category(char) in ("Mn", "Cf") else char


def _code(char: str) -> str:
    """Three characters that stand for a letter's place in the alphabet."""
    place = _ORDER.get(char) or 100 + ord(char) % 46000
    return _CODE[place // 1296] + _CODE[place // 36 % 36] + _CODE[place % 36]


SHORT = 200  # characters of a text that is worth remembering
_KEPT, _CODES = _Letters(_kept), _Letters(_code)


def fold(text: str) -> str:
    """Give the key under which a text is found: lower-case, letters and digits unified, marks and half-spaces gone."""
    return _known(text) if len(text) < SHORT else _folded(text)


def _folded(text: str) -> str:
    if text.isascii():
        return " ".join(text.casefold().split())
    text = unicodedata.normalize("NFKC", to_latin(text)).translate(_SAME).casefold()
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_KEPT))
    return " ".join(text.translate(_SAME).split())


_known = lru_cache(16384)(_folded)


@lru_cache(4096)
def sort_key(text: str, units: int = 40) -> str:
    """Give a key of 0–9a–z alone, whose plain order is the alphabetical one: Latin, then Persian with پ چ ژ گ in their places.

    Each letter is three characters; equal on every database, whatever its collation. At most `units` letters count.
    """
    text = unicodedata.normalize("NFKC", to_latin(text)).casefold().translate(_SORTED_ALIKE)
    return " ".join(text.translate(_KEPT).split())[:units].translate(_CODES)
