"""What one visit brought back: plain values, readable without the crawler."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Problem(StrEnum):
    """Why a page could not be read."""

    BAD_URL = "bad_url"
    PRIVATE = "private"
    NO_HOST = "no_host"
    ROBOTS = "robots"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECTS = "redirects"
    BUSY = "busy"
    CONTENT = "content"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Hop:
    """One answer on the way: the address asked and the status given."""

    url: str
    status: int


@dataclass(frozen=True)
class Page:
    """A page as read, or what stood in the way.

    `url` is as asked for, `final_url` where the redirects ended; `text` is the decoded
    body, of which `truncated` says that only the first 5 MB were read; `headers` has
    lower-case names; `problem` with `words` for people is empty when there was an answer.
    """

    url: str
    final_url: str = ""
    chain: tuple[Hop, ...] = ()
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    charset: str = ""
    size: int = 0
    truncated: bool = False
    digest: str = ""
    problem: Problem | None = None
    words: str = ""
    seconds: float = 0.0

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" when not told."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
