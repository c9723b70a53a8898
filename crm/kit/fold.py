"""Keys for searching and sorting: what looks or sounds alike to a Persian reader becomes equal."""

import unicodedata
from functools import lru_cache

from crm.kit.digits import to_latin

ZWNJ, TATWEEL = "\u200c", "\u0640"
_SAME = str.maketrans("يىئكةۀؤأإٱآ", "یییکههواااا")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz" + "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_ORDER = {char: place for place, char in enumerate(" 0123456789" + _ALPHABET, start=1)}
_SORTED_ALIKE = str.maketrans("يىئكةۀؤأإٱ", "یییکههوااا")
_CODE = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(4096)
def fold(text: str) -> str:
    """Give the key under which a text is found: lower-case, letters and digits unified, marks and half-spaces gone."""
    if text.isascii():
        return " ".join(text.casefold().split())
    text = unicodedata.normalize("NFKC", to_latin(text)).translate(_SAME).casefold()
    text = unicodedata.normalize("NFC", "".join(char for char in unicodedata.normalize("NFD", text) if _is_kept(char)))
    return " ".join(text.translate(_SAME).split())


def _is_kept(char: str) -> bool:
    return char != TATWEEL and unicodedata.category(char) not in ("Mn", "Cf")


@lru_cache(4096)
def sort_key(text: str, units: int = 40) -> str:
    """Give a key of 0–9a–z alone, whose plain order is the alphabetical one: Latin, then Persian with پ چ ژ گ in their places.

    Each letter is three characters; equal on every database, whatever its collation. At most `units` letters count.
    """
    text = unicodedata.normalize("NFKC", to_latin(text)).casefold().translate(_SORTED_ALIKE)
    kept = " ".join("".join(char for char in text if _is_kept(char)).split())
    return "".join(_code(_ORDER.get(char) or 100 + ord(char) % 46000) for char in kept[:units])


def _code(place: int) -> str:
    return _CODE[place // 1296] + _CODE[place // 36 % 36] + _CODE[place % 36]
