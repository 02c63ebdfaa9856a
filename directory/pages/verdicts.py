"""From a fetched page and the link agreed on to a verdict with its evidence in words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from directory.enums import Verdict
from directory.pages.addresses import Nearness, compare
from directory.pages.document import Document, Link
from directory.pages.indexing import Indexing, read_indexing
from directory.pages.obstacles import gone, obstacle
from directory.pages.search import Candidate, find_candidates, mentioned
from directory.pages.wishes import Change, anchor_change, link_type, rel_change
from integrations.crawler.pages import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directory.pages.wishes import Wish
    from integrations.crawler.pages import Page

_GONE = frozenset({404, 410})
_OK = 200
_OTHERS = 5  # further links to the target that are listed
_REFUSED = {
    401: "The page is shown only after a login.",
    403: "The site refuses our check (403 Forbidden).",
    407: "The site refuses our check (407).",
    429: "The site asks us to come back later (429 Too Many Requests).",
    451: "The page is blocked for legal reasons (451).",
    503: "The site is down for the moment (503 Service Unavailable).",
}
# Where the address stands when no link leads to it.
_DOUBTFUL = {
    "script": "The address is only in a script, which the check does not run.",
    "markup": "The page's markup is too broken to say whether the link is shown.",
}
_ELSEWHERE = {
    "comment": "The link is commented out: no visitor and no search engine sees it.",
    "template": "The link is inside a template element, which is never shown.",
    "event": "The address is opened by a script, not by a link.",
    "text": "The address stands on the page as plain text, not as a link.",
}


@dataclass(frozen=True)
class Finding:
    """What a look at the page came to.

    `reason` is one sentence or two; `changes` what is not as agreed; `link` the best link
    found, `others` further ones to the same target; `notes` what is worth knowing and no
    breach; `follow` addresses whose reading could settle the verdict.
    """

    verdict: Verdict
    reason: str
    page: Page
    link: Link | None = None
    others: tuple[Link, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    rel: str = ""
    follow: tuple[str, ...] = field(default=(), repr=False)

    @property
    def evidence(self) -> dict[str, Any]:
        """What was seen, as it is stored."""
        link = self.link
        return {
            "url": self.page.url,
            "final_url": self.page.final_url,
            "chain": [[hop.url, hop.status] for hop in self.page.chain],
            "status": self.page.status,
            "headers": {
                name: value
                for name, value in sorted(self.page.headers.items())
                if name in {"content-type", "x-robots-tag", "link", "retry-after", "server"}
            },
            "bytes": self.page.size,
            "charset": self.page.charset,
            "digest": self.page.digest,
            "problem": str(self.page.problem or ""),
            "link": link and {
                "href": link.href[:2000],
                "url": link.url[:2000],
                "rel": sorted(link.rel),
                "type": self.rel,
                "anchor": link.anchor,
                "anchor_from": "image" if link.from_alt else "text",
                "context": link.context,
                "where": link.region,
                "number": link.number,
                "hidden": link.hidden,
            },
            "others": [
                {"url": one.url[:2000], "anchor": one.anchor[:200], "rel": sorted(one.rel),
                 "number": one.number}
                for one in self.others
            ],
            "notes": list(self.notes),
        }  # fmt: skip

    @property
    def digest(self) -> str:
        """SHA-256 of what the verdict rests on, without what differs at every look."""
        told = {
            key: value for key, value in self.evidence.items() if key not in {"digest", "bytes"}
        }
        text = json.dumps([self.verdict, told], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def judge(page: Page, wish: Wish, further: Mapping[str, Page] | None = None) -> Finding:
    """Return the verdict on one page.

    Args:
        page: as the crawler brought it.
        wish: the link agreed on.
        further: pages read because an earlier verdict's `follow` named them, by address.
    """
    if page.problem is not None or page.status != _OK:
        return _unread(page)
    document = Document(page.text, page.final_url or page.url)
    further = further or {}
    candidates = find_candidates(document, wish, further)
    best = candidates[0] if candidates else None
    if best is not None and best.counts:
        return _found(page, document, wish, candidates)
    return (
        _forwarded(page, document, wish, further)
        or _framed(page, document, wish, further)
        or (_near(page, document, wish, candidates, further) if best else None)
        or _absent(page, document, wish)
    )


def _unread(page: Page) -> Finding:
    if page.problem is not None:
        if page.problem == Problem.REDIRECTS:
            return Finding(Verdict.UNVERIFIABLE, page.words, page)
        return Finding(Verdict.UNVERIFIABLE, page.words or "The page was not read.", page)
    if page.status in _GONE:
        return Finding(Verdict.MISSING, f"The page is gone (status {page.status}).", page)
    words = _REFUSED.get(page.status, f"The site answered with status {page.status}.")
    return Finding(Verdict.UNVERIFIABLE, words, page)


# The link is there --------------------------------------------------------------------------


def _found(page: Page, document: Document, wish: Wish, candidates: list[Candidate]) -> Finding:
    best = candidates[0]
    indexing = read_indexing(page, document)
    rel, rel_note = rel_change(wish, best.link.rel, indexing.nofollow)
    changes = [
        *best.changes,
        *(change for change in (rel, anchor_change(wish, best.link.anchor)) if change),
        *_canonical_change(page, indexing),
    ]
    if indexing.noindex:
        changes.append(
            Change("indexing", "open to search engines", f"closed by {indexing.noindex}")
        )
    found_rel = link_type(best.link.rel, page_nofollow=bool(indexing.nofollow))
    notes = [*best.notes, *_way_notes(page), *([rel_note] if rel_note else [])]
    verdict, reason = Verdict.LIVE, _live_words(best.link, found_rel, notes)
    if indexing.noindex:
        verdict = Verdict.NOT_INDEXABLE
        reason = f"The link is there, but {indexing.noindex} keeps the page out of search engines."
    elif changes:
        verdict, reason = Verdict.CHANGED, _changed_words(changes)
    others = [one.link for one in candidates[1:] if one.counts and not one.changes]
    return Finding(
        verdict, reason, page, link=best.link, others=tuple(others[:_OTHERS]),
        changes=tuple(changes), notes=tuple(notes), rel=found_rel,
    )  # fmt: skip


def _canonical_change(page: Page, indexing: Indexing) -> list[Change]:
    if not indexing.canonical:
        return []
    return [Change("canonical", page.final_url or page.url, indexing.canonical)]


def _way_notes(page: Page) -> list[str]:
    if len(page.chain) < 2:  # noqa: PLR2004  # asked once, answered once
        return []
    return [f"the page now stands at {page.final_url}"]


def _live_words(link: Link, rel: str, notes: list[str]) -> str:
    anchor = f"“{link.anchor.strip('“”')}”" if link.anchor else "no anchor text"
    if link.from_alt and link.anchor:
        anchor = f"an image described as {anchor}"
    words = f"The link is there: {anchor}, {rel}, {link.region}."
    return f"{words} {_sentence('; '.join(notes))}" if notes else words


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _changed_words(changes: list[Change]) -> str:
    told = {
        "rel": "its rel is {0.found} instead of {0.expected}",
        "anchor": "its anchor is “{0.found}” instead of “{0.expected}”",
        "target": "it leads to {0.found} instead of {0.expected}",
        "redirect": "it reaches {0.expected} only through a redirect from {0.found}",
        "canonical": "the page names {0.found} as the original",
        "visibility": "it is {0.found}",
        "frame": "it is {0.found}",
    }
    parts = [told[change.what].format(change) for change in changes]
    return f"The link is there, but {', and '.join(parts)}."[:300]


# Not at first sight ---------------------------------------------------------------------------


def _forwarded(
    page: Page, document: Document, wish: Wish, further: Mapping[str, Page]
) -> Finding | None:
    """Go where the page sends its visitors by itself."""
    url, how = document.forward
    if (
        not url.startswith("http")
        or compare(url, page.final_url or page.url).nearness >= Nearness.ALIKE
    ):
        return None
    if compare(url, wish.target).nearness >= Nearness.ALIKE:
        return None
    there = further.get(url)
    if there is None:
        words = f"The page sends its visitors on to {url} {how}."
        return Finding(Verdict.UNVERIFIABLE, words, page, follow=(url,))
    found = judge(there, wish)
    note = f"the page sends its visitors on to {url} {how}"
    return Finding(
        found.verdict, f"{found.reason} {_sentence(note)}"[:300], there, link=found.link,
        others=found.others, changes=found.changes, notes=(*found.notes, note), rel=found.rel,
    )  # fmt: skip


def _framed(
    page: Page, document: Document, wish: Wish, further: Mapping[str, Page]
) -> Finding | None:
    """Look into the page's frames: a link there belongs to another page."""
    inner = [Document(text, document.base) for text in document.inner_pages]
    inner += [
        Document(read.text, read.final_url)
        for url in document.frames
        if (read := further.get(url)) is not None and read.status == _OK
    ]
    for frame in inner:
        best = next(iter(find_candidates(frame, wish, further)), None)
        if best is not None and best.counts and best.nearness >= Nearness.ALIKE:
            changes = (Change("frame", "on the page itself", "inside a frame"),)
            return Finding(
                Verdict.CHANGED, _changed_words(list(changes)), page, link=best.link,
                changes=changes, rel=link_type(best.link.rel),
            )  # fmt: skip
    return None


def _near(
    page: Page,
    document: Document,
    wish: Wish,
    candidates: list[Candidate],
    further: Mapping[str, Page],
) -> Finding | None:
    """Judge links that may lead to the target in a roundabout way."""
    unread = tuple(one.link.url for one in candidates if one.follow and one.link.url not in further)
    best = next((one for one in candidates if one.nearness == Nearness.SAME_SITE), None)
    wall = obstacle(page, document)
    if best is None:
        wall = wall or ("A link may lead there in a roundabout way." if unread else "")
        return Finding(Verdict.UNVERIFIABLE, wall, page, follow=unread) if unread else None
    if wall and not unread and page.truncated:
        return Finding(Verdict.UNVERIFIABLE, wall, page)
    indexing = read_indexing(page, document)
    change = Change("target", wish.target, best.link.url)
    rel, _ = rel_change(wish, best.link.rel, indexing.nofollow)
    anchor = anchor_change(wish, best.link.anchor)
    changes = [change, *(one for one in (rel, anchor) if one), *_canonical_change(page, indexing)]
    return Finding(
        Verdict.CHANGED, _changed_words(changes), page, link=best.link, changes=tuple(changes),
        rel=link_type(best.link.rel, page_nofollow=bool(indexing.nofollow)), follow=unread,
    )  # fmt: skip


def _absent(page: Page, document: Document, wish: Wish) -> Finding:
    frames = _frames(page, document)
    if words := gone(document):
        return Finding(Verdict.MISSING, words, page)
    if words := obstacle(page, document):
        return Finding(Verdict.UNVERIFIABLE, words, page, follow=frames)
    place = mentioned(document, wish)
    if place in _DOUBTFUL:
        return Finding(Verdict.UNVERIFIABLE, _DOUBTFUL[place], page)
    way = f" The page now redirects to {page.final_url}." if len(page.chain) > 1 else ""
    words = _ELSEWHERE.get(place, f"No link to {wish.target[:150]} is on the page.")
    return Finding(Verdict.MISSING, f"{words}{way}"[:300], page, follow=frames)


def _frames(page: Page, document: Document) -> tuple[str, ...]:
    """Return the frames worth reading: a few, of the same site."""
    here = page.final_url or page.url
    near = [url for url in document.frames if compare(url, here).nearness >= Nearness.SAME_SITE]
    return tuple(near[:3])
