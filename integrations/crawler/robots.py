"""What a site's robots.txt permits (RFC 9309): which answers count, for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

AGENT = "OutreachDesk"
# RFC 9309 2.5 asks for at least 500 KiB, 2.4 for at most a day of memory.
LONGEST = 512 * 1024
_FRESH = timedelta(days=1)
_AFTER_FAILURE = timedelta(hours=1)
# Seconds between requests that a site may ask of us; more is not waited for.
LONGEST_DELAY = 30.0
_TOO_MANY, _MISSING, _FAULT = 429, 400, 500


@dataclass(frozen=True)
class Rules:
    """What one origin permits us."""

    parsed: Protego | None
    closed: bool = False

    @classmethod
    def from_answer(cls, status: int, body: str) -> Rules:
        """Read an answer: a missing file permits all, a failing server nothing (2.3.1)."""
        if status == _TOO_MANY or status >= _FAULT or not status:
            return cls(None, closed=True)
        if status >= _MISSING:
            return cls(None)
        return cls(Protego.parse(body[:LONGEST]))

    def permit(self, url: str) -> bool:
        """Return whether a page may be read."""
        if self.parsed is None:
            return not self.closed
        return bool(self.parsed.can_fetch(url, AGENT))

    @property
    def delay(self) -> float:
        """Seconds the site asks for between requests, within reason; 0 when it asks none."""
        asked = self.parsed.crawl_delay(AGENT) if self.parsed else None
        return min(float(asked or 0), LONGEST_DELAY)


def good_until(status: int, at: datetime) -> datetime:
    """Return until when an answer to robots.txt is believed."""
    failed = status == _TOO_MANY or status >= _FAULT or not status
    return at + (_AFTER_FAILURE if failed else _FRESH)
