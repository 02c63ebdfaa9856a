"""The http(s) links of an e-mail's HTML: found when queued, rewritten when sent."""

import html
import re
from collections.abc import Callable
from urllib.parse import urlsplit

# One attribute at a time, never across a tag: linear on any input.
_HREF = re.compile(
    r"(<a\b[^<>]{0,2000}?\bhref\s{0,5}=\s{0,5})(?:\"([^\"<>]{1,4000})\"|'([^'<>]{1,4000})')",
    re.IGNORECASE,
)


def is_web_url(url: str) -> bool:
    """Return whether `url` is a plain absolute http(s) URL that a redirect may go to."""
    if any(ord(char) <= 0x20 or ord(char) == 0x7F for char in url) or "\\" in url:  # noqa: PLR2004
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and "@" not in parts.netloc


def find_links(markup: str) -> list[str]:
    """Return the distinct http(s) targets in order of appearance."""
    found: dict[str, None] = {}
    for match in _HREF.finditer(markup):
        url = html.unescape(match.group(2) or match.group(3)).strip()
        if is_web_url(url):
            found[url] = None
    return list(found)


def rewrite_links(markup: str, links: list[str], url_of: Callable[[int], str]) -> str:
    """Return `markup` with every href among `links` replaced by `url_of(its index)`."""
    index = {url: number for number, url in enumerate(links)}

    def swap(match: re.Match[str]) -> str:
        url = html.unescape(match.group(2) or match.group(3)).strip()
        if url not in index:
            return match.group(0)
        return f'{match.group(1)}"{html.escape(url_of(index[url]))}"'

    return _HREF.sub(swap, markup)
