"""Signed tokens of tracking and unsubscribe links: bound to a purpose, a message, an agency.

They never expire: an unsubscribe link must work for ever, and old keys stay valid
through SECRET_KEY_FALLBACKS. A token is the numbers in as few bytes as they need, then
a truncated HMAC-SHA-256 of them (RFC 2104, section 5), in URL-safe base64.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.conf import settings

_MAC = 15  # bytes; 120 bits, and a whole number of base64 letters
_DIGEST = 32  # bytes of a SHA-256
_MAX_LENGTH = 120
_MAX_NUMBER = 2**63
_LETTERS = re.compile(r"[A-Za-z0-9_-]+")


class Purpose(StrEnum):
    """What a token may be used for; a token of one purpose is forged for another."""

    OPEN = "open"
    CLICK = "click"
    TRAP = "trap"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True)
class Token:
    """Which message, of which agency, and which of its links.

    `digest` is the SHA-256 of the recipient's address in an unsubscribe token, so that it
    works when the message itself is gone; "" in the others.
    """

    agency_id: int
    message_id: int
    link: int = 0
    digest: str = ""


class ForgedTokenError(Exception):
    """A token nobody here signed: truncated, altered, or of another purpose."""


def make_token(
    purpose: Purpose, *, agency_id: int, message_id: int, link: int = 0, digest: str = ""
) -> str:
    """Return the URL-safe token."""
    numbers = _packed(agency_id, message_id, link)
    payload = numbers + bytes.fromhex(digest)
    mac = _mac(_key(purpose, settings.SECRET_KEY), payload)
    return base64.urlsafe_b64encode(mac + payload).rstrip(b"=").decode()


def read_token(purpose: Purpose, text: str) -> Token:
    """Return what a token says, or raise `ForgedTokenError`."""
    raw = _decoded(text)
    mac, payload = raw[:_MAC], raw[_MAC:]
    if not any(hmac.compare_digest(mac, _mac(key, payload)) for key in _keys(purpose)):
        raise ForgedTokenError
    return _unpacked(payload)


def _decoded(text: str) -> bytes:
    if len(text) > _MAX_LENGTH or not _LETTERS.fullmatch(text):
        raise ForgedTokenError
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ForgedTokenError from error
    # The last letter carries spare bits: only the spelling we made is ours.
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != text.encode():
        raise ForgedTokenError
    return raw


def _keys(purpose: Purpose) -> Iterator[bytes]:
    yield _key(purpose, settings.SECRET_KEY)
    for old in settings.SECRET_KEY_FALLBACKS:
        yield _key(purpose, old)


@lru_cache(maxsize=64)
def _key(purpose: Purpose, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"mailer.tokens." + purpose.encode(), hashlib.sha256)


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")[:_MAC]


def _packed(*numbers: int) -> bytes:
    """Return whole numbers, seven bits a byte, the highest bit set where more follow."""
    out = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:  # noqa: PLR2004  # seven bits
            out.append(0x80 | (rest & 0x7F))
            rest >>= 7
        out.append(rest)
    return bytes(out)


def _unpacked(payload: bytes) -> Token:
    """Read back what `_packed` made; it was signed, so only a bug of ours breaks it."""
    numbers: list[int] = []
    at = 0
    for _ in range(3):
        value = shift = 0
        while True:
            if at >= len(payload):
                raise ForgedTokenError
            byte = payload[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        numbers.append(value)
    digest = payload[at:]
    if len(digest) not in {0, _DIGEST} or max(numbers) >= _MAX_NUMBER:
        raise ForgedTokenError
    agency_id, message_id, link = numbers
    return Token(agency_id, message_id, link, digest.hex())
