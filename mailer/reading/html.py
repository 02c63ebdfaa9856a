"""HTML mail as the lines a person would read, quotes marked with `>`."""

import re

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

MAX_HTML = 1_000_000
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(("script", "style", "head", "title", "template", "noscript", "object"))
_PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"))
# What mail programs put in front of the mail they answer.
_ANSWERED = frozenset(("appendonsend", "divrplyfwdmsg", "x_divrplyfwdmsg", "stopspelling"))
_DIVIDER = "-----Original Message-----"
_SPACE = re.compile(r"[ \t\r\n\f]+")


class _Lines:
    """Collects text; opens a new line at block boundaries."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.current: list[str] = []
        self.depth = 0

    def add(self, text: str | None) -> None:
        if text:
            self.current.append(_SPACE.sub(" ", text))

    def end_line(self, *, forced: bool = False) -> None:
        line = "".join(self.current).strip().replace("\u00a0", " ")
        self.current = []
        if line or forced:
            self.lines.append(self._prefix() + line)

    def blank(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._prefix().rstrip())

    def _prefix(self) -> str:
        return "> " * min(self.depth, 5)


def html_to_text(html: str) -> str:
    """Return the text of an HTML mail, block by block; "" when it cannot be parsed."""
    try:
        root = document_fromstring(
            html[:MAX_HTML].encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return ""
    out = _Lines()
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            silent += tag in _SILENT
            if not silent:
                _open(out, element, tag)
            continue
        if tag and not silent:
            _close(out, tag)
        silent -= tag in _SILENT
        if not silent:
            out.add(element.tail)
    out.end_line()
    return "\n".join(out.lines)


def _open(out: _Lines, element: etree._Element, tag: str) -> None:
    if tag in _BLOCKS:
        out.end_line()
    if (element.get("id") or "").lower() in _ANSWERED:
        out.lines.append(_DIVIDER)
    if tag == "blockquote":
        out.depth += 1
    elif tag == "br":
        out.end_line(forced=True)
    elif tag in {"td", "th"}:
        out.add(" ")
    out.add(element.text)


def _close(out: _Lines, tag: str) -> None:
    if tag in _PARAGRAPHS:
        out.blank()
    elif tag in _BLOCKS:
        out.end_line()
    if tag == "blockquote":
        out.depth = max(0, out.depth - 1)
