"""What a company that crawls the web itself can say of a link."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class VendorError(Exception):
    """A vendor's refusal or failure; the message is for people.

    `refused` says that the account is at fault (key, balance): asking again is no use.
    """

    def __init__(self, words: str, *, refused: bool = False) -> None:
        super().__init__(words)
        self.refused = refused


@dataclass(frozen=True)
class LinkFacts:
    """What is known of one link; None where the vendor does not know."""

    live: bool | None = None
    indexed: bool | None = None
    rel: str = ""
    anchor: str = ""
    target: str = ""
    seen: str = ""
    cost: Decimal = Decimal(0)


class LinkData(Protocol):
    """A vendor that knows the web's links."""

    def test(self) -> str:
        """Return in words that the account works; raises `VendorError`."""

    def link(self, source: str, target: str) -> LinkFacts:
        """Return whether a page links to a target; raises `VendorError`."""

    def indexed(self, url: str) -> LinkFacts:
        """Return whether a search engine lists a page; raises `VendorError`."""
