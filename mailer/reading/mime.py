"""Headers and text of a raw e-mail, whatever is wrong with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from mailer.reading.addresses import addresses_in
from mailer.reading.html import html_to_text

MAX_BYTES = 2 * 1024 * 1024
MAX_TEXT = 200_000
MAX_PARTS = 200
MAX_BOUNDARIES = 400
MAX_HEADERS = 300_000
MAX_HEADER = 1_000
MAX_COMMENTS = 20
_END_OF_HEADERS = re.compile(rb"\n\r?\n|\r\r")
_BOUNDARY = re.compile(rb"[\r\n]--")
_ID = re.compile(r"<[^<>\s]{1,500}>")
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINALS = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
}


# What the standard library raises on some mails' headers.
_UNREADABLE = (
    MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError,
)  # fmt: skip


@dataclass
class Parts:
    """The parts of a mail that matter, decoded."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    feedback: list[str] = field(default_factory=list)
    disposition: bool = False
    originals: list[str] = field(default_factory=list)


class _BoundedPolicy(policy.EmailPolicy):
    """`policy.default` for headers of sane length: its parser's time grows with their square."""

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and (len(value) > MAX_HEADER or value.count("(") > MAX_COMMENTS):
            value = value[:MAX_HEADER].replace("(", " ")
        return super().header_fetch_parse(name, value)


_POLICY = _BoundedPolicy()


def parse(raw: bytes) -> Message:
    """Return the parsed mail: `policy.default`, and compat32 for the few it fails on."""
    bounded = _bounded(raw)
    try:
        return message_from_bytes(bounded, policy=_POLICY)
    except _UNREADABLE:
        return message_from_bytes(bounded, policy=policy.compat32)


def _bounded(raw: bytes) -> bytes:
    """Return a mail no parser is slow on: so many bytes, header bytes and lines like "--b"."""
    kept = raw[:MAX_BYTES].lstrip(b"\r\n")
    end = _END_OF_HEADERS.search(kept)
    if end and end.start() > MAX_HEADERS:
        kept = kept[: max(kept.rfind(b"\n", 0, MAX_HEADERS), 0)] + kept[end.start() :]
    for number, boundary in enumerate(_BOUNDARY.finditer(kept)):
        if number >= MAX_BOUNDARIES:
            return kept[: boundary.start()]
    return kept


def header(mail: Message, name: str) -> str:
    """Return a header's value on one line, decoded, "" when absent or beyond reading."""
    value = next((raw for key, raw in mail.raw_items() if key.lower() == name.lower()), "")
    return decoded(str(value))


def headers(mail: Message, name: str) -> list[str]:
    """Return every value of a header that may occur often."""
    return [decoded(str(raw)) for key, raw in mail.raw_items() if key.lower() == name.lower()]


def decoded(value: str) -> str:
    """Return a raw header value with its encoded words (RFC 2047) decoded, on one line."""
    value = value[:10_000].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" not in value:
        return " ".join(value.split())
    try:
        found = decode_header(value)
    except (MessageError, ValueError):
        return " ".join(value.split())
    text = "".join(
        chunk if isinstance(chunk, str) else decode(chunk, charset or "ascii")
        for chunk, charset in found
    )
    return " ".join(text.split())


def decode(data: bytes, charset: str) -> str:
    """Return bytes as text: the declared charset, UTF-8, then what never fails."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def addresses(mail: Message, *names: str) -> list[tuple[str, str]]:
    """Return (name, address in lower case) of every address in the named headers."""
    values = [value for name in names for value in headers(mail, name)]
    try:
        found = getaddresses(values[:50])
    except (RecursionError, ValueError, IndexError):  # what the standard library does to some
        found = [("", address) for address in addresses_in(" ".join(values))]
    return [(name.strip(), address.strip().lower()) for name, address in found if "@" in address]


def message_ids(value: str) -> tuple[str, ...]:
    """Return the Message-IDs in a header value, in order, each once."""
    return tuple(dict.fromkeys(_ID.findall(value[:50_000])))


def sent_at(mail: Message) -> str:
    """Return the Date header as ISO 8601, "" when it cannot be read."""
    try:
        return parsedate_to_datetime(header(mail, "Date")).isoformat()
    except (ValueError, TypeError, OverflowError):
        return ""


def parts_of(mail: Message) -> Parts:
    """Walk the mail and return its parts; what was forwarded as an attachment stays apart."""
    found = Parts()
    stack = [mail]
    seen = 0
    while stack and seen < MAX_PARTS:
        seen += 1
        part = stack.pop()
        kind = str(_asked(part.get_content_type) or "text/plain")
        payload = part.get_payload()
        if kind in _ORIGINALS:
            found.originals.append(_flat(part))
        elif kind in _REPORTS:
            found.statuses.append(_flat(part))
        elif kind == "message/feedback-report":
            found.feedback.append(_flat(part))
        elif kind == "message/disposition-notification":
            found.disposition = True
        elif isinstance(payload, list):
            stack.extend(reversed([child for child in payload if isinstance(child, Message)]))
        elif _asked(part.get_content_disposition) != "attachment" or seen == 1:
            _keep_text(part, kind, found)
    return found


def _keep_text(part: Message, kind: str, found: Parts) -> None:
    if kind == "text/html":
        found.html.append(text_of(part))
    elif kind.startswith(("text/", "multipart/")):
        # A multipart whose boundary never comes is read as the one text it is.
        found.plain.append(text_of(part))


def text_of(part: Message) -> str:
    """Return a leaf part's text, bounded."""
    try:
        data = part.get_payload(decode=True)
    except _UNREADABLE:
        data = None
    if isinstance(data, bytes):
        return decode(data[:MAX_BYTES], _charset(part))[:MAX_TEXT]
    payload = part.get_payload()
    return payload[:MAX_TEXT] if isinstance(payload, str) else ""


def plain_text(found: Parts) -> str:
    """Return the mail's words: its plain parts, or its HTML as text."""
    plain = "\n".join(found.plain)
    if any(char.isalnum() for char in plain) or not found.html:
        return plain[:MAX_TEXT]
    return "\n".join(html_to_text(html) for html in found.html)[:MAX_TEXT]


def _charset(part: Message) -> str:
    return str(_asked(part.get_content_charset) or "utf-8")


def _asked(question: Callable[[], object]) -> object:
    """Return what the standard library makes of a header; None when it fails on it."""
    try:
        return question()
    except _UNREADABLE:
        return None


def _flat(part: Message) -> str:
    """Return a report or an attached mail as one text, its own headers included."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n\n".join(_headers_and_text(child) for child in payload[:MAX_PARTS])[:MAX_TEXT]
    return text_of(part)


def _headers_and_text(child: object) -> str:
    if not isinstance(child, Message):
        return ""
    lines = [f"{key}: {value}" for key, value in child.raw_items()]
    payload = child.get_payload()
    body = text_of(child) if isinstance(payload, str) else ""
    return "\n".join(lines) + "\n\n" + body
