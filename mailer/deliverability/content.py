"""Looks at an e-mail the way spam filters do: points with a reason, a place and a remedy.

Points are our own estimate, made to be explained; they never stop an e-mail by themselves.
Every check is linear in the e-mail's length.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import lxml.html
from lxml import etree

from mailer.deliverability.content_links import link_remarks
from mailer.deliverability.content_remarks import Anchor, Remark
from mailer.deliverability.content_words import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator

# Under the first nothing needs doing; from the second on spam folders are likely.
GOOD, POOR = 5, 12
# Gmail shows no more of a message's HTML than this.
GMAIL_CLIPS = 102 * 1024
_NEAR_CLIP = 80 * 1024
_BIG = 500 * 1024
_LONG_SUBJECT = 78
_LOOKED_AT = 100_000
_MOST_FOR_WORDS = 8
_FEW_WORDS = 20
_MOST_LINKS, _LABEL = 500, 300
_SHOUTED = re.compile(r"\b[^\W\d_]{4,}\b")
_REPLY = re.compile(
    r"\s*(re|aw|sv|vs|antw|odp|fwd?|wg|tr|rv|doorst)\s*(\[\d+\])?\s*:", re.IGNORECASE
)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_WORDS = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(one) for one in sorted(WEIGHTS, key=len, reverse=True))
    + r")(?!\w)"
)


@dataclass(frozen=True)
class Content:
    """An e-mail to be looked at.

    `size` and `html_size` are in bytes as sent; `tracking_host` is "" where nothing is
    tracked; `answers` says that it replies in a thread of its own.
    """

    subject: str
    text: str
    html: str = ""
    sender_domain: str = ""
    tracking_host: str = ""
    has_unsubscribe: bool = True
    answers: bool = False
    size: int = 0
    html_size: int = 0


@dataclass(frozen=True)
class Report:
    """What was remarked, the worst first."""

    remarks: list[Remark] = field(default_factory=list)

    @property
    def score(self) -> int:
        """All points together."""
        return sum(remark.points for remark in self.remarks)

    @property
    def tone(self) -> str:
        """The colour of the sum."""
        if self.score < GOOD:
            return "ok"
        return "warn" if self.score < POOR else "bad"

    @property
    def verdict(self) -> str:
        """The sum in words."""
        words = {
            "ok": "nothing filters usually mind",
            "warn": "worth another look",
            "bad": "likely to be filtered",
        }[self.tone]
        return f"{self.score} point{'' if self.score == 1 else 's'}: {words}"


@dataclass
class _Seen:
    """What a reader of the HTML sees: links with their words, pictures, text."""

    anchors: list[Anchor] = field(default_factory=list)
    images: int = 0
    text: str = ""


def _seen(markup: str) -> _Seen:
    """Read HTML with libxml2, which is linear on any input (html.parser is not)."""
    try:
        tree = lxml.html.document_fromstring(markup[:_LOOKED_AT].replace("\x00", ""))
    except (etree.ParserError, ValueError):
        return _Seen()
    anchors = [
        Anchor(str(one.get("href")).strip(), str(one.text_content())[:_LABEL].strip())
        for one in itertools.islice(tree.iter("a"), _MOST_LINKS)
        if one.get("href")
    ]
    images = sum(1 for _ in itertools.islice(tree.iter("img"), _MOST_LINKS))
    return _Seen(anchors, images, str(tree.text_content()))


def check_content(content: Content) -> Report:
    """Return everything worth knowing about an e-mail before many get it."""
    seen = _seen(content.html) if content.html else _Seen()
    text = (content.text or seen.text)[:_LOOKED_AT]
    remarks = [
        *_subject(content),
        *_words(content.subject, text),
        *_loudness(text),
        *_pictures(seen, text),
        *link_remarks(
            seen.anchors,
            words=len(text.split()),
            sender_domain=content.sender_domain,
            tracking_host=content.tracking_host,
        ),
        *_parts(content),
        *_sizes(content),
    ]
    return Report(sorted(dict.fromkeys(remarks), key=lambda remark: -remark.points))


def _subject(content: Content) -> Iterator[Remark]:
    subject = content.subject
    if not content.answers and _REPLY.match(subject):
        yield Remark(5, "Subject", "It pretends to answer or forward an e-mail.",
                     "Take “Re:” or “Fwd:” away; readers report it as spam.")  # fmt: skip
    if len(subject) > _LONG_SUBJECT:
        yield Remark(1, "Subject", f"It has {len(subject)} characters and is cut off.",
                     "Say it in 60.")  # fmt: skip
    emoji = len(_EMOJI.findall(subject))
    if emoji:
        yield Remark(min(emoji, 3), "Subject", f"It has {emoji} emoji.", "Write words instead.")
    if subject.count("!") + subject.count("?") > 1 or "$$" in subject:
        yield Remark(2, "Subject", "It has several exclamation or question marks, or $$.",
                     "One is enough.")  # fmt: skip
    letters = [char for char in subject if char.isalpha()]
    if len(letters) >= 8 and sum(map(str.isupper, letters)) > len(letters) / 2:  # noqa: PLR2004  # letters
        yield Remark(3, "Subject", "Most of it is in capitals.", "Write it in small letters.")


def _words(subject: str, text: str) -> Iterator[Remark]:
    found: dict[str, int] = {}
    for part, factor in ((subject, 2), (text, 1)):
        for match in _WORDS.finditer(" ".join(part.casefold().split())):
            found[match[0]] = max(found.get(match[0], 0), WEIGHTS[match[0]] * factor)
    if not found:
        return
    named = ", ".join(f"“{word}”" for word in sorted(found, key=lambda word: -found[word])[:6])
    where = (
        "Subject and body" if subject and any(w in subject.casefold() for w in found) else "Body"
    )
    points = min(sum(found.values()), _MOST_FOR_WORDS)
    yield Remark(points, where, f"Words filters weigh: {named}.", "Say it plainly, without them.")


def _loudness(text: str) -> Iterator[Remark]:
    shouted = [word for word in _SHOUTED.findall(text) if word.isupper()]
    if len(shouted) >= 3:  # noqa: PLR2004  # one or two are names
        named = ", ".join(dict.fromkeys(shouted[:4]))
        yield Remark(2, "Body", f"{len(shouted)} words in capitals: {named}.",
                     "Write them in small letters.")  # fmt: skip
    marks = text.count("!")
    if "!!" in text or marks > 3:  # noqa: PLR2004  # a friendly letter has a few
        yield Remark(2, "Body", f"{marks} exclamation marks.", "Keep one at most.")


def _pictures(seen: _Seen, text: str) -> Iterator[Remark]:
    if seen.images and len(text.split()) < _FEW_WORDS:
        yield Remark(5, "Body", "Hardly more than a picture.",
                     "Write the text as text; filters cannot read pictures.")  # fmt: skip
    elif seen.images > 1:
        yield Remark(1, "Body", f"{seen.images} pictures.", "A first e-mail needs none.")


def _parts(content: Content) -> Iterator[Remark]:
    if content.html and not content.text.strip():
        yield Remark(3, "Body", "There is no plain text beside the HTML.", "Add the text.")
    if not content.has_unsubscribe:
        yield Remark(5, "Footer", "There is no way to unsubscribe.",
                     "Send it as a campaign e-mail, which has one.")  # fmt: skip


def _sizes(content: Content) -> Iterator[Remark]:
    kilobytes = content.html_size // 1024
    if content.html_size > GMAIL_CLIPS:
        yield Remark(5, "Size", f"The HTML has {kilobytes} kB; Gmail cuts it off at 102 kB, with"
                     " the unsubscribe link in the part cut off.", "Shorten it.")  # fmt: skip
    elif content.html_size > _NEAR_CLIP:
        yield Remark(1, "Size", f"The HTML has {kilobytes} kB; Gmail cuts off at 102 kB.",
                     "Shorten it.")  # fmt: skip
    if content.size > _BIG:
        yield Remark(2, "Size", f"The whole e-mail has {content.size // 1024} kB.", "Shorten it.")
