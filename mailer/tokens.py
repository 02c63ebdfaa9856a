"""Signed tokens of tracking and unsubscribe links: bound to a purpose, a message, an agency.

They never expire: an unsubscribe link must work for ever, and old keys stay valid
through SECRET_KEY_FALLBACKS.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.core.signing import BadSignature, Signer

_MAX_LENGTH = 200


class Purpose(StrEnum):
    """What a token may be used for; a token of one purpose is forged for another."""

    OPEN = "open"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True)
class Token:
    """Which message, of which agency, and which of its links."""

    agency_id: int
    message_id: int
    link: int = 0


class ForgedTokenError(Exception):
    """A token nobody here signed: truncated, altered, or of another purpose."""


@cache
def _signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"mailer.tokens.{purpose}", sep=".")


def make_token(purpose: Purpose, *, agency_id: int, message_id: int, link: int = 0) -> str:
    """Return the URL-safe token."""
    return _signer(purpose).sign(f"{agency_id:x}-{message_id:x}-{link:x}")


def read_token(purpose: Purpose, text: str) -> Token:
    """Return what a token says, or raise `ForgedTokenError`."""
    if len(text) > _MAX_LENGTH:
        raise ForgedTokenError
    try:
        numbers = [int(part, 16) for part in _signer(purpose).unsign(text).split("-")]
        agency_id, message_id, link = numbers
    except (BadSignature, ValueError) as error:
        raise ForgedTokenError from error
    return Token(agency_id, message_id, link)
