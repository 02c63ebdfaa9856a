"""Text in the form it is compared by."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\W_]+")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list written as prose, without repeating quotation marks."""
    return frozenset(text.split())


def squash(text: str) -> str:
    """Return letters and digits only, without accents or case: `São-Paulo ` → saopaulo."""
    if text.isascii():
        return _SEPARATORS.sub("", text.lower())
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _SEPARATORS.sub("", plain)
