"""A page's markup taken apart: its links, what it tells search engines, its frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import lxml.html
from lxml import etree

from directory.pages.addresses import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset({"template", "noscript", "textarea", "select", "noframes", "noembed"})
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "title", "svg", "iframe"})
_BLOCKS = frozenset(
    {"p", "li", "td", "th", "dd", "dt", "blockquote", "figcaption", "caption", "h1", "h2", "h3",
     "h4", "h5", "h6", "div", "section", "article", "aside", "footer", "header", "nav", "main",
     "body", "form", "pre", "details", "summary"}
)  # fmt: skip
_REGIONS = {"footer": "in the footer", "nav": "in the navigation", "aside": "in a side column",
            "header": "in the page's head"}  # fmt: skip
_COMMENTS = re.compile(r"\b(?:comments?|commentlist|disqus)\b", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*0(?:px|em|pt|rem|%)?\s*(?:;|$)"
    r"|(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"""^\s*(\d+)[\d.]*\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"""(?:window\.|document\.|self\.|top\.)*location(?:\.href)?\s*=\s*["']([^"'\s]+)["']"""
    r"""|location\.(?:replace|assign)\(\s*["']([^"'\s]+)["']"""
)
_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_CONTEXT = 200  # characters of context kept on both sides together


@dataclass(frozen=True)
class Link:
    """One link as it stands on the page.

    `hidden` says in words why a visitor does not see it, "" when one does; `number` counts
    the page's links from 1.
    """

    href: str
    url: str
    rel: frozenset[str]
    anchor: str
    from_alt: bool = False
    context: str = ""
    region: str = ""
    number: int = 0
    hidden: str = ""


@dataclass(frozen=True)
class Document:
    """A parsed page.

    Args:
        html: its text.
        url: where it came from, for relative addresses.
    """

    html: str
    url: str

    @cached_property
    def root(self) -> Any:
        """The tree; an empty one for an empty page."""
        # libxml2 drops what follows the end of the body; browsers show it.
        text = _END.sub("", self.html.replace("\0", "�")).encode("utf-8", "replace")
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            found = lxml.html.document_fromstring(text, parser=parser)
        except (etree.ParserError, etree.XMLSyntaxError):
            return lxml.html.document_fromstring("<html></html>")
        return found

    @cached_property
    def base(self) -> str:
        """What relative addresses are resolved against: the first base element, or the URL."""
        for element in self.root.iter("base"):
            if href := element.get("href"):
                return resolve(self.url, href) or self.url
        return self.url

    @cached_property
    def anchors(self) -> list[tuple[Any, str]]:
        """Every element that links, with its href as written, in the page's order."""
        return [
            (element, href)
            for element in self.root.iter("a", "area")
            if (href := element.get("href") or element.get("xlink:href")) is not None
        ]

    def absolute(self, href: str) -> str:
        """Return the absolute address of an href, "" when there is none."""
        return resolve(self.base, href)

    def link(self, number: int) -> Link:
        """Return the link that is the `number`-th of the page, from 1, in full."""
        element, href = self.anchors[number - 1]
        anchor, from_alt = _anchor(element)
        return Link(
            href=href, url=self.absolute(href), anchor=anchor, from_alt=from_alt,
            rel=frozenset((element.get("rel") or "").lower().replace(",", " ").split()),
            context=_context(element, anchor), region=_region(element), number=number,
            hidden=_hidden(element),
        )  # fmt: skip

    @cached_property
    def text(self) -> str:
        """What a visitor reads, in one line."""
        body = self.root.find("body")
        return _squeeze(" ".join(_texts(body))) if body is not None else ""

    @cached_property
    def title(self) -> str:
        """The title and the first heading."""
        found = [next(self.root.iter(tag), None) for tag in ("title", "h1")]
        return _squeeze(" | ".join(_text(one) for one in found if one is not None))

    @cached_property
    def comments(self) -> list[str]:
        """What is commented out."""
        return [str(node.text or "") for node in self.root.iter(etree.Comment)]

    @cached_property
    def scripts(self) -> str:
        """The text of all scripts."""
        return "\n".join(element.text or "" for element in self.root.iter("script"))

    @cached_property
    def frames(self) -> list[str]:
        """The addresses of frames, absolute."""
        found = [self.absolute(one.get("src") or "") for one in self.root.iter("iframe", "frame")]
        return [url for url in found if url.startswith("http")]

    @cached_property
    def inner_pages(self) -> list[str]:
        """The markup of frames that is written in the page itself."""
        return [one.get("srcdoc") for one in self.root.iter("iframe") if one.get("srcdoc")]

    def metas(self, *names: str) -> list[str]:
        """Return the contents of meta elements of these names."""
        return [
            element.get("content") or ""
            for element in self.root.iter("meta")
            if (element.get("name") or "").strip().lower() in names
        ]

    @cached_property
    def canonicals(self) -> list[str]:
        """Canonical addresses told in the head, absolute; elsewhere they do not count."""
        return [
            self.absolute(element.get("href"))
            for element in self.root.iter("link")
            if "canonical" in (element.get("rel") or "").lower().split()
            and element.get("href")
            and _inside(element, "head")
        ]

    @cached_property
    def has_password_field(self) -> bool:
        """Whether the page asks for a password."""
        return any((one.get("type") or "").lower() == "password" for one in self.root.iter("input"))

    @cached_property
    def forward(self) -> tuple[str, str]:
        """Where the page sends its visitors on by itself, and how in words; ("", "") if not."""
        for element in self.root.iter("meta"):
            if (element.get("http-equiv") or "").strip().lower() != "refresh":
                continue
            found = _REFRESH.match(element.get("content") or "")
            if found and int(found[1]) <= 30 and not _inside(element, "noscript"):  # noqa: PLR2004  # seconds
                return self.absolute(found[2].strip()), "by meta refresh"
        found = _SCRIPTED.search(self.scripts)
        # A whole page that mentions location somewhere is no redirect.
        if found and len(self.text) < 400:  # noqa: PLR2004  # characters
            return self.absolute(found[1] or found[2]), "by a script"
        return "", ""


def _squeeze(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _text(element: Any) -> str:
    return _squeeze("".join(element.itertext(with_tail=False)))


def _texts(element: Any) -> Iterator[str]:
    """Yield the texts a visitor reads, without recursion: pages nest deeper than Python."""
    walker = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if event == "start":
            if node.tag in _SILENT:
                walker.skip_subtree()
            elif node.text:
                yield node.text
        elif node is not element and node.tail:
            yield node.tail


def _anchor(element: Any) -> tuple[str, bool]:
    """Return a link's anchor text, and whether it is only an image's alternative text."""
    words = _squeeze("".join(_texts(element))) if element.tag == "a" else ""
    if words:
        return words[:500], False
    alts = [image.get("alt") or "" for image in element.iter("img", "input")]
    alts += [element.get("alt") or "", element.get("aria-label") or "", element.get("title") or ""]
    return next((alt[:500] for one in alts if (alt := _squeeze(one))), ""), True


def _context(element: Any, anchor: str) -> str:
    block = next((one for one in element.iterancestors() if one.tag in _BLOCKS), None)
    if block is None:
        return ""
    words = _squeeze(" ".join(_texts(block)))
    place = max(words.find(anchor), 0)
    start = max(place - _CONTEXT // 2, 0)
    end = place + len(anchor) + _CONTEXT // 2
    return f"{'…' if start else ''}{words[start:end].strip()}{'…' if end < len(words) else ''}"


def _region(element: Any) -> str:
    for one in element.iterancestors():
        if one.tag in _REGIONS:
            return _REGIONS[one.tag]
        if _COMMENTS.search(f"{one.get('class') or ''} {one.get('id') or ''}"):
            return "in the comments"
    return "in the text"


def _inside(element: Any, tag: str) -> bool:
    return next(element.iterancestors(tag), None) is not None


def _hidden(element: Any) -> str:
    for one in (element, *element.iterancestors()):
        if one.tag in _UNSEEN:
            return f"inside a {one.tag} element"
        if one.get("hidden") is not None or _HIDDEN.search(one.get("style") or ""):
            return "hidden from visitors"
    return ""
