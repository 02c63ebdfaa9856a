"""Keeping values apart from markup: every sign in a value travels in disguise.

Punctuation of a value is moved into Unicode's private use area before the body's own
markup is read, and moved back when text and HTML are written. So `**`, `](…)`, `- `,
`https://` and `<` in a lead's name stay exactly what they are: characters of a name.
"""

import re
import string

_BASE = 0xE000
_DISGUISE = {ord(sign): chr(_BASE + ord(sign)) for sign in string.punctuation}
_REVEAL = {_BASE + ord(sign): sign for sign in string.punctuation}
_PRIVATE = re.compile("[\ue000-\uf8ff]")

VALUE_START, VALUE_END = "\ue100", "\ue101"
HOLE_START, HOLE_END = "\ue102", "\ue103"
_MARKS = re.compile("[\ue100-\ue103]")


def protect(text: str, *, lines: bool = False) -> str:
    """Return a value so that no stage after this reads it as markup."""
    disguised = text.translate(_DISGUISE)
    return disguised if lines else disguised.replace("\n", " ").replace("\r", " ")


def reveal(text: str) -> str:
    """Return text as it will be read, values undisguised and unmarked."""
    return _MARKS.sub("", text).translate(_REVEAL)


def strip_private(text: str) -> str:
    """Return a template without the characters the disguise uses."""
    return _PRIVATE.sub("", text)


def mark_value(text: str) -> str:
    """Mark what came from a value, for the preview."""
    return f"{VALUE_START}{text}{VALUE_END}" if text else ""


def mark_hole(name: str) -> str:
    """Show a missing value in its place, for the preview."""
    return f"{HOLE_START}{protect('{{ ' + name + ' }}')}{HOLE_END}"
