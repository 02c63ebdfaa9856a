"""What a page tells search engines: meta robots, X-Robots-Tag, canonical address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from directory.pages.addresses import Nearness, compare, resolve

if TYPE_CHECKING:
    from directory.pages.document import Document
    from integrations.crawler.pages import Page

# Whom a rule may be addressed to for us to heed it: everyone, or the search engine that counts.
_HEEDED = ("robots", "googlebot")
_ADDRESSED = re.compile(r"^\s*([a-z][a-z0-9_-]*)\s*:\s*(.*)$", re.IGNORECASE | re.DOTALL)
_OWN_COLON = frozenset({"unavailable_after", "max-snippet", "max-image-preview",
                        "max-video-preview"})  # fmt: skip
_LINK = re.compile(r"<([^>]*)>\s*;[^,]*\brel\s*=\s*\"?[^\",;]*\bcanonical\b", re.IGNORECASE)


@dataclass(frozen=True)
class Indexing:
    """What follows for the page and its links, each with where it is written ("" for no)."""

    noindex: str = ""
    nofollow: str = ""
    canonical: str = ""


def read_indexing(page: Page, document: Document) -> Indexing:
    """Return what a page tells search engines; the strictest rule counts.

    `canonical` is the address of another page that stands for this one.
    """
    rules = [
        *(("meta robots", rule) for rule in document.metas(*_HEEDED)),
        *(("the X-Robots-Tag header", rule) for rule in _header_rules(page)),
    ]
    noindex = next((where for where, rule in rules if _forbids(rule, "noindex")), "")
    nofollow = next((where for where, rule in rules if _forbids(rule, "nofollow")), "")
    return Indexing(noindex, nofollow, _canonical(page, document))


def _header_rules(page: Page) -> list[str]:
    found: list[str] = []
    for line in page.headers.get("x-robots-tag", "").splitlines():
        addressed = _ADDRESSED.match(line)
        if addressed is None or addressed[1].lower() in _OWN_COLON:
            found.append(line)
        elif addressed[1].lower() in _HEEDED:
            found.append(addressed[2])
    return found


def _forbids(rule: str, what: str) -> bool:
    words = {word.strip().lower() for word in rule.split(",")}
    if {what, "none"} & words:
        return True
    return what == "noindex" and _is_past(rule)


def _is_past(rule: str) -> bool:
    _, mark, told = rule.lower().partition("unavailable_after:")
    if not mark:
        return False
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(
                told.strip().upper() if parse is datetime.fromisoformat else told.strip()
            )
        except (ValueError, TypeError):
            continue
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware < timezone.now()
    return False


def _canonical(page: Page, document: Document) -> str:
    here = page.final_url or page.url
    told = [*document.canonicals]
    told += [resolve(here, href) for href in _LINK.findall(page.headers.get("link", ""))]
    # Two that disagree are both ignored by search engines.
    distinct = {url for url in told if url.startswith("http")}
    if len(distinct) != 1:
        return ""
    url = distinct.pop()
    return "" if compare(url, here).nearness >= Nearness.ALIKE else url
