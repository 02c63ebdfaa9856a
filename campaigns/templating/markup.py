"""The body's own small markup, made into plain text and into HTML a person might have written.

A blank line ends a paragraph, a single break stays a break, `- ` starts a list item,
`**words**` are bold, `[label](https://…)` and bare addresses become links. Nothing else.
"""

import html
import re
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import quote

from campaigns.templating.protection import (
    HOLE_END,
    HOLE_START,
    VALUE_END,
    VALUE_START,
    reveal,
)
from campaigns.templating.values import is_web_address

_TOKEN = re.compile(
    r"(?P<link>\[(?P<label>[^\[\]\n]{1,300})\]\((?P<target>[^()\s]{1,2000})\))"
    r"|(?P<bare>https?://[^\s<>\"\[\]{}|\\^`]{1,2000})"
    r"|\*\*(?P<bold>[^\s*](?:[^*\n]{0,1000}[^\s*])?)\*\*"
)
_ITEM = re.compile(r"\s{0,3}[-•]\s+")
_BARE_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/\S*)?\Z", re.IGNORECASE)
_TRAILING = ".,;:!?'\")*"


@dataclass
class Written:
    """A body in both forms, and the addresses it links to, each once, in order."""

    text: str = ""
    html: str = ""
    links: list[str] = field(default_factory=list)


def write(body: str) -> Written:
    """Return a rendered body as text and HTML.

    Args:
        body: what Liquid gave, values in disguise (see `protection`).
    """
    found = Written()
    texts, htmls = [], []
    for block in re.split(r"\n[ \t]*\n\s*", body.replace("\r\n", "\n").strip()):
        lines = [line.rstrip() for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        texts.append("\n".join(_plain_line(line) for line in lines))
        htmls.append(_block(lines, found.links))
    found.text = "\n\n".join(texts)
    found.html = "\n".join(htmls)
    return found


def _block(lines: list[str], links: list[str]) -> str:
    parts = []
    for is_list, group in groupby(lines, key=lambda line: bool(_ITEM.match(line))):
        written = [
            _inline(_ITEM.sub("", line, count=1) if is_list else line, links) for line in group
        ]
        if is_list:
            parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in written) + "</ul>")
        else:
            parts.append("<p>" + "<br>\n".join(written) + "</p>")
    return "\n".join(parts)


def _inline(text: str, links: list[str], *, bold: bool = True) -> str:
    """Return one line as HTML."""
    out, at = [], 0
    for token in _TOKEN.finditer(text):
        made = _token(token, links, bold=bold)
        if made is None:
            continue
        out += [_escaped(text[at : token.start()]), made[0]]
        at = token.start() + made[1]
    return "".join([*out, _escaped(text[at:])])


def _token(token: re.Match[str], links: list[str], *, bold: bool) -> tuple[str, int] | None:
    """Return a token's HTML and how much of the line it used; None when it is plain text."""
    whole = len(token[0])
    if token["bold"] is not None:
        return (f"<b>{_inline(token['bold'], links, bold=False)}</b>", whole) if bold else None
    if token["link"] is not None:
        target = web_target(token["target"])
        return (_anchor(target, _escaped(token["label"]), links), whole) if target else None
    shown = _without_trailing(token["bare"])
    target = web_target(shown)
    return (_anchor(target, _escaped(shown), links), len(shown)) if target else None


def _anchor(target: str, label: str, links: list[str]) -> str:
    if target not in links:
        links.append(target)
    return f'<a href="{html.escape(target)}">{label}</a>'


def web_target(raw: str) -> str:
    """Return the address a link leads to; "" when it is none that a mail may link to."""
    target = quote(reveal(raw), safe="%/:=&?~#+!$,;'@()*[]-._")
    target = target.replace("'", "%27")
    if _BARE_HOST.match(target):
        target = f"https://{target}"
    return target if is_web_address(target) else ""


def _without_trailing(address: str) -> str:
    while address and address[-1] in _TRAILING:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _plain_line(line: str) -> str:
    return reveal(_ITEM.sub("- ", _plain(line), count=1))


def _plain(text: str) -> str:
    return _TOKEN.sub(_plain_token, text)


def _plain_token(token: re.Match[str]) -> str:
    if token["bold"] is not None:
        return _plain(token["bold"])
    target = web_target(token["target"]) if token["link"] is not None else ""
    if not target:
        return token[0]
    label = reveal(token["label"])
    return target if label in {target, reveal(token["target"])} else f"{token['label']} ({target})"


def _escaped(text: str) -> str:
    """Return plain text as HTML; marks of the preview become `<mark>`."""
    if not any(mark in text for mark in (VALUE_START, VALUE_END, HOLE_START, HOLE_END)):
        return html.escape(reveal(text), quote=False)
    parts = re.split(f"([{VALUE_START}{VALUE_END}{HOLE_START}{HOLE_END}])", text)
    opened, out = False, []
    for part in parts:
        if part in (VALUE_START, HOLE_START):
            out.append("" if opened else _mark(part))
            opened = True
        elif part in (VALUE_END, HOLE_END):
            out.append("</mark>" if opened else "")
            opened = False
        else:
            out.append(html.escape(reveal(part), quote=False))
    return "".join(out) + ("</mark>" if opened else "")


def _mark(start: str) -> str:
    return '<mark class="hole">' if start == HOLE_START else "<mark>"
