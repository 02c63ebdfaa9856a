"""What a link should be, and how far one found is from it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from directory.enums import LinkType

_MARKS = re.compile(r"[\s\"'“”‘’«»„‚.,;:!?()\[\]…–—-]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """The link agreed on: its target, and rel and anchor where they were agreed ("" if not)."""

    target: str
    rel: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as agreed."""

    what: str
    expected: str
    found: str

    def as_json(self) -> dict[str, str]:
        """Return it as it is stored."""
        return {"what": self.what, "expected": self.expected[:500], "found": self.found[:500]}


def link_type(rel: frozenset[str], *, page_nofollow: bool = False) -> LinkType:
    """Return the type of link that rel tokens make; the page's own nofollow counts too."""
    for kind in (LinkType.SPONSORED, LinkType.UGC, LinkType.NOFOLLOW):
        if kind in rel:
            return kind
    return LinkType.NOFOLLOW if page_nofollow else LinkType.DOFOLLOW


def rel_change(wish: Wish, rel: frozenset[str], nofollow_from: str) -> tuple[Change | None, str]:
    """Return how rel differs from what was agreed, or a note where it is only better."""
    found = link_type(rel, page_nofollow=bool(nofollow_from))
    if not wish.rel or wish.rel == found or wish.rel in rel:
        return None, ""
    if found == LinkType.DOFOLLOW:
        return None, f"dofollow, which is better than the {wish.rel} agreed"
    words = str(found)
    if nofollow_from and not rel & {"nofollow", "ugc", "sponsored"}:
        words = f"nofollow by {nofollow_from}"
    return Change("rel", wish.rel, words), ""


def anchor_change(wish: Wish, anchor: str) -> Change | None:
    """Return how the anchor differs from what was agreed; case and punctuation do not count."""
    if not wish.anchor or plain(wish.anchor) == plain(anchor):
        return None
    return Change("anchor", wish.anchor, anchor or "no text")


def plain(text: str) -> str:
    """Return a text as it is compared: without case, punctuation and ways of writing."""
    return _MARKS.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
