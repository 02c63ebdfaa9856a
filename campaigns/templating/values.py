"""The values a template may use: cleaned when read, found under any spelling of their name."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

_SPACES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029\u00a0 ]+")
# Controls, bidirectional overrides, invisible marks, lone surrogates and private use.
_DIRT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff]"
)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{%|%\}")
# The only values that may become links: pages of the client, named by the agency.
_LINKED = frozenset({"targeturl", "targetpage", "clientwebsite", "clienturl"})
_MULTILINE = frozenset({"signature", "mailboxsignature"})


class RefusedValueError(Exception):
    """A value that must not reach an e-mail in any form; the message says which and why."""


class Hole(str):
    """A value that is missing or empty; false and nil to Liquid, and it knows its name."""

    __slots__ = ("name",)

    name: str

    def __new__(cls, name: str) -> "Hole":
        """Make the empty string that remembers which value is missing."""
        made = super().__new__(cls, "")
        made.name = name
        return made

    def __liquid__(self) -> None:
        """Count as nil, so that `if` and `default` see nothing there."""


class Link(str):
    """A web address the agency itself gave, which may become a link."""

    __slots__ = ()


class Lines(str):
    """Text that may keep its line breaks."""

    __slots__ = ()


@lru_cache(maxsize=4096)
def normal_name(name: str) -> str:
    """Return the form names are compared by: `First Name`, `firstName` → `firstname`."""
    return "".join(char for char in name.casefold() if char.isalnum())


def clean_text(value: str, *, name: str = "a value", lines: bool = False) -> str:
    """Return `value` as one trimmed line (or several) without anything invisible.

    Raises `RefusedValueError` for a NUL, which no honest source contains.
    """
    if "\x00" in value:
        raise RefusedValueError(f"{name} contains a NUL character; correct the value.")
    if lines:
        rows = _DIRT.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        return "\n".join(_SPACES.sub(" ", row).strip() for row in rows).strip()
    return _SPACES.sub(" ", _DIRT.sub("", value)).strip()


def is_web_address(value: str) -> bool:
    """Return whether `value` is an http or https address with a host and no credentials."""
    if not re.match(r"https?://[^\s\"'<>\\^`{|}]+\Z", value, re.IGNORECASE):
        return False
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        parts.port  # noqa: B018  # raises ValueError when it is no number
    except ValueError:
        return False
    return bool(host) and "@" not in parts.netloc


class Fields(Mapping[str, object]):
    """Values by name; what is missing or empty is found as a `Hole`, never as an error."""

    def __init__(self, values: Mapping[str, Any], prefix: str = "") -> None:
        self._prefix = prefix
        self._values: dict[str, Any] = {}
        for key, value in values.items():
            name = normal_name(str(key))
            if name not in self._values or self._values[name] in (None, ""):
                self._values[name] = value

    def __getitem__(self, key: str) -> object:
        """Return the cleaned value of any spelling of its name."""
        if not isinstance(key, str):
            raise KeyError(key)
        return _clean(self._values.get(normal_name(key)), f"{self._prefix}{key}")

    def __contains__(self, key: object) -> bool:
        """Return whether a value of that name was given, even an empty one."""
        return isinstance(key, str) and normal_name(key) in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def name(self) -> str:
        """The name under which a template reached these values."""
        return self._prefix.rstrip(".") or "lead"


def _clean(value: Any, name: str) -> object:
    if isinstance(value, Mapping):
        return Fields(value, f"{name}.")
    if isinstance(value, list | tuple):
        return [_clean(item, name) for item in value[:1000]] or Hole(name)
    if isinstance(value, bool | int | float):
        return value
    return _clean_text("" if value is None else str(value), name)


def _clean_text(value: str, name: str) -> str:
    key = normal_name(name)
    text = clean_text(value, name=f"“{name}”", lines=key in _MULTILINE)
    # A value that is itself template code is a merge that failed somewhere before.
    if not text or _PLACEHOLDER.search(text):
        return Hole(name)
    if key in _LINKED and is_web_address(text):
        return Link(text)
    return Lines(text) if key in _MULTILINE else text
