"""Finding, among all links of a page, those to the target or on a way to it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from directory.pages.addresses import Nearness, address, compare, same_site, site_of
from directory.pages.wishes import Change, anchor_change, rel_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directory.pages.addresses import Likeness
    from directory.pages.document import Document, Link
    from directory.pages.wishes import Wish
    from integrations.crawler.pages import Page

_SHORTENERS = frozenset(
    {"bit.ly", "t.co", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly",
     "cutt.ly", "shorturl.at", "amzn.to", "lnkd.in", "rb.gy", "t.ly", "dlvr.it"}
)  # fmt: skip
_WAY = re.compile(
    r"/(?:go|out|outbound|recommends?|refer|redirect|redir|r|link|visit|exit|away|click|track)\b",
    re.IGNORECASE,
)
# Addresses written so plainly that no browser reads another host into them.
_LOCAL = re.compile(r"(?:/(?![/\\])|[?#])[^\\\s]*|[\w%~.-]+(?:[/?#][^\\\s]*)?", re.ASCII)
_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+(?::\d+)?)(?:[/?#]|$)", re.IGNORECASE | re.ASCII)
_HREF = re.compile(r"""<a\s[^>]*?href\s*=\s*["']?([^"'>\s]+)""", re.IGNORECASE)
_FOLLOWED = 4  # roundabout links that are followed, at most
_FEW = 200  # links of one site looked at in full, at most


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that leads to the target, near it, or perhaps to it.

    `counts` when it leads to the target and is a link to visitors and search engines;
    `follow` when its own address must be read to know.
    """

    link: Link
    nearness: Nearness
    notes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    follow: bool = False
    inert: bool = False

    @property
    def counts(self) -> bool:
        """Whether the link leads to the target and is one."""
        return self.nearness >= Nearness.ALIKE and not self.inert


def find_candidates(document: Document, wish: Wish, further: Mapping[str, Page]) -> list[Candidate]:
    """Return the links that lead to the target or near it, the best first."""
    found: list[Candidate] = []
    roundabout = 0
    for number, href in _worth_reading(document, wish):
        if len(found) > _FEW:
            break
        url = document.absolute(href)
        likeness = compare(url, wish.target)
        if likeness.nearness >= Nearness.SAME_SITE:
            found.append(_candidate(document.link(number), likeness, wish, further))
        elif roundabout < _FOLLOWED and _may_lead(document, url, wish):
            roundabout += 1
            found.append(_way(document.link(number), wish, further))
    return sorted(found, key=lambda one: _rank(one, wish))


def _worth_reading(document: Document, wish: Wish) -> Iterator[tuple[int, str]]:
    """Yield number and href of the links that can lead to the target or be a detour.

    Most links of a page are plainly elsewhere; reading those in full would cost more than
    parsing the page. Only what is written in the plainest way is passed over.
    """
    wanted, base = address(wish.target), address(document.base)
    if wanted is None:
        return
    own_site = base is None or same_site(base, wanted)
    for number, (_, href) in enumerate(document.anchors, start=1):
        plain = _LOCAL.fullmatch(href)
        absolute = None if plain else _PLAIN_HOST.match(href)
        if (
            (plain is None and absolute is None)
            or (plain and (own_site or _WAY.match(f"/{href.lstrip('/')}")))
            or (absolute and _is_telling(absolute[1].lower(), wanted.host))
            or wanted.bare_host in unquote(href).lower()
        ):
            yield number, href


def _is_telling(host: str, wanted: str) -> bool:
    bare = host.partition(":")[0].removeprefix("www.")
    return bare in _SHORTENERS or site_of(bare) == site_of(wanted.removeprefix("www."))


def _candidate(
    link: Link, likeness: Likeness, wish: Wish, further: Mapping[str, Page]
) -> Candidate:
    if likeness.nearness == Nearness.SAME_SITE:
        return _way(link, wish, further, near=True)
    changes: tuple[Change, ...] = ()
    if link.hidden:
        changes = (Change("visibility", "visible", link.hidden),)
    notes = tuple(f"the address is written {note}" for note in likeness.notes)
    inert = link.hidden.startswith(("inside a template", "inside a textarea", "inside a select"))
    return Candidate(link, likeness.nearness, notes, changes, inert=inert)


def _way(link: Link, wish: Wish, further: Mapping[str, Page], *, near: bool = False) -> Candidate:
    """Judge a link by where its address leads, as far as that has been read."""
    nearness = Nearness.SAME_SITE if near else Nearness.OTHER
    read = further.get(link.url)
    if read is None:
        return Candidate(link, nearness, follow=bool(address(link.url)))
    if len(read.chain) > 1 and compare(read.final_url, wish.target).nearness >= Nearness.ALIKE:
        change = Change("redirect", wish.target, link.url)
        return Candidate(link, Nearness.ALIKE, changes=(change,))
    return Candidate(link, nearness)


def _may_lead(document: Document, url: str, wish: Wish) -> bool:
    """Return whether a link elsewhere looks like a detour to the target."""
    parts = address(url)
    if parts is None:
        return False
    wanted = address(wish.target)
    assert wanted is not None  # noqa: S101  # the caller asked
    if wanted.bare_host in unquote(f"{parts.path}?{parts.query}").lower():
        return True
    if parts.bare_host in _SHORTENERS:
        return True
    here = address(document.url)
    return bool(here and same_site(parts, here) and _WAY.match(parts.path))


def _rank(one: Candidate, wish: Wish) -> tuple[int, ...]:
    """Sort links that count first, then those nearest to what was agreed."""
    rel, _ = rel_change(wish, one.link.rel, "")
    follows = not one.link.rel & {"nofollow", "ugc", "sponsored"}
    return (
        not one.counts,
        len(one.changes),
        rel is not None,
        anchor_change(wish, one.link.anchor) is not None,
        -one.nearness,
        not follows,
        not one.link.anchor,
        one.link.number,
    )


def mentioned(document: Document, wish: Wish) -> str:
    """Return where the target's address stands although no link leads to it.

    One of comment, template, event, script, text, markup (an href in what could not be
    parsed), or "" for nowhere.
    """
    spellings = _spellings(wish.target)
    places: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("comment", lambda: any(_holds(comment, spellings) for comment in document.comments)),
        ("template", lambda: _in_template(document, spellings)),
        ("event", lambda: _in_events(document, spellings)),
        ("script", lambda: _holds(document.scripts, spellings)),
        ("text", lambda: _holds(document.text, spellings)),
        ("markup", lambda: _in_hrefs(document.html, spellings)),
    )
    return next((place for place, is_there in places if is_there()), "")


def _spellings(target: str) -> tuple[str, ...]:
    parts = address(target)
    if parts is None:
        return (target,)
    # Without scheme and www, with the last slash off: as people write it.
    port = "" if parts.port in {80, 443} else f":{parts.port}"
    short = f"{parts.bare_host}{port}{parts.path.rstrip('/')}"
    return (short, short.replace("/", "\\/"))


def _holds(text: str, spellings: tuple[str, ...]) -> bool:
    lowered = html.unescape(text).lower()
    return any(spelling.lower() in lowered for spelling in spellings)


def _in_hrefs(text: str, spellings: tuple[str, ...]) -> bool:
    return any(_holds(href, spellings) for href in _HREF.findall(text))


def _in_template(document: Document, spellings: tuple[str, ...]) -> bool:
    return any(
        _holds(href, spellings)
        for element, href in document.anchors
        if next(element.iterancestors("template"), None) is not None
    )


def _in_events(document: Document, spellings: tuple[str, ...]) -> bool:
    return any(
        _holds(value, spellings)
        for element in document.root.iter()
        if isinstance(element.tag, str)
        for name, value in element.attrib.items()
        if name.startswith(("on", "data-")) or value.lower().startswith("javascript:")
    )
