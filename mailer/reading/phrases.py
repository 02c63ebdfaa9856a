"""The wordings the rules look for: one regular expression a line in `phrase_lists/`.

They cover English, German, French, Spanish, Italian, Dutch, Portuguese, Swedish, Danish,
Norwegian, Finnish, Polish and Czech, mostly in that order. Every repetition in them gets
a bound when they are read; callers give them bounded text.
"""

import re
from functools import cache
from pathlib import Path

_MANY = 40
_REPEATED = re.compile(r"(\\[wsSWdD]|[\])])([*+])")
_LISTS = Path(__file__).parent / "phrase_lists"


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return one expression that matches any line of a list, whatever the case."""
    return re.compile("|".join(f"(?:{_bounded(line)})" for line in lines(name)), re.IGNORECASE)


def _bounded(line: str) -> str:
    """Return an expression whose `*` and `+` end after so many, so it cannot run away."""
    return _REPEATED.sub(lambda it: f"{it[1]}{{{int(it[2] == '+')},{_MANY}}}", line)


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of a list; `#` begins a comment."""
    text = (_LISTS / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.split("\n") if line and not line.startswith("#"))


@cache
def words(name: str) -> frozenset[str]:
    """Return the lines of a list as plain words."""
    return frozenset(lines(name))
