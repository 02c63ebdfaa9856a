"""Addresses written in a text."""

import re

# Bounded on both sides of the @, so a long line costs no more than its length.
_ADDRESS = re.compile(
    r"(?<![\w.+%=/-])((?:\"[^\"\s@]{1,64}\"|[\w.!#$%&'*+/=?^`{|}~-]{1,64})@"
    r"(?:[\w-]{1,63}\.){1,8}"
    r"(?:[A-Za-z][A-Za-z\d-]{1,62}(?![A-Za-z\d_@])|[^\W\d_A-Za-z]{2,30}(?![\w@])))"
)
_EDGE = ".'`|{}=*"


def addresses_in(text: str, limit: int = 100) -> list[str]:
    """Return the addresses in a text in lower case, in order, each once."""
    found: dict[str, None] = {}
    for match in _ADDRESS.finditer(text):
        address = match.group(1).strip(_EDGE).lower()
        local = address.partition("@")[0]
        if local:
            found.setdefault(address)
        if len(found) >= limit:
            break
    return list(found)
