"""Tokens of links: signed, bound to purpose, message and agency, good for years."""

import base64
import random
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from mailer.tokens import ForgedTokenError, Purpose, Token, make_token, read_token

DIGEST = "ab" * 32
NUMBERS: dict[str, Any] = {"agency_id": 12, "message_id": 345_678, "link": 1}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ~%"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_token_says_what_was_put_in(purpose: Purpose):
    text = make_token(purpose, **NUMBERS, digest=DIGEST)

    assert read_token(purpose, text) == Token(12, 345_678, 1, DIGEST)


def test_token_of_a_link_is_short():
    assert len(make_token(Purpose.CLICK, **NUMBERS)) <= 28


@pytest.mark.parametrize("purpose", list(Purpose))
def test_token_of_one_purpose_is_forged_for_another(purpose: Purpose):
    text = make_token(purpose, **NUMBERS)

    for other in set(Purpose) - {purpose}:
        with pytest.raises(ForgedTokenError):
            read_token(other, text)


def signed(number: int) -> str:
    return make_token(Purpose.CLICK, agency_id=number, message_id=900 + number, link=number % 3)


def raw(text: str) -> bytearray:
    return bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def spelt(token: bytes | bytearray) -> str:
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def flipped(text: str, dice: random.Random) -> str:
    token = raw(text)
    token[dice.randrange(len(token))] ^= 1 << dice.randrange(8)
    return spelt(token)


def mistyped(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice(LETTERS) + text[at + 1 :]


def lengthened(text: str, dice: random.Random) -> str:
    return text + "".join(dice.choices(LETTERS, k=dice.randrange(1, 6)))


def readdressed(text: str, dice: random.Random) -> str:
    return spelt(raw(text)[:15] + raw(signed(dice.randrange(1, 10**6)))[15:])


def made_up(text: str, dice: random.Random) -> str:
    return spelt(raw(text)[:15] + dice.randbytes(dice.randrange(9)))


WAYS = (
    flipped,
    mistyped,
    lengthened,
    readdressed,
    made_up,
    lambda text, dice: text[: dice.randrange(len(text))],
    lambda text, dice: text[:-1] + dice.choice(LETTERS),
    lambda text, dice: text.swapcase(),
)


def tampered(seed: int) -> Iterator[str]:
    """Yield what people do to tokens, for ever: flip, cut, swap, spell otherwise, re-address."""
    dice = random.Random(seed)  # noqa: S311  # repeatable, not secret
    while True:
        text = signed(dice.randrange(1, 1000))
        changed = dice.choice(WAYS)(text, dice)
        if changed != text:
            yield changed


def test_of_ten_thousand_tampered_tokens_none_is_accepted():
    accepted = []
    for _, text in zip(range(10_000), tampered(20261121), strict=False):
        try:
            accepted.append((text, read_token(Purpose.CLICK, text)))
        except ForgedTokenError:
            continue

    assert accepted == []


@pytest.mark.parametrize("text", ["", "é", "\x00", "A" * 5000, "====", "AAAA", "." * 40])
def test_what_is_no_token_is_refused(text: str):
    with pytest.raises(ForgedTokenError):
        read_token(Purpose.OPEN, text)


def test_token_outlives_a_decade_and_its_key():
    with time_machine.travel("2026-11-21"), override_settings(SECRET_KEY="first" * 12):
        text = make_token(Purpose.UNSUBSCRIBE, **NUMBERS, digest=DIGEST)

    with (
        time_machine.travel("2038-01-01"),
        override_settings(
            SECRET_KEY="third" * 12, SECRET_KEY_FALLBACKS=["second" * 12, "first" * 12]
        ),
    ):
        assert read_token(Purpose.UNSUBSCRIBE, text).digest == DIGEST


def test_token_of_a_key_that_was_dropped_is_forged():
    with override_settings(SECRET_KEY="first" * 12):
        text = make_token(Purpose.OPEN, **NUMBERS)

    with override_settings(SECRET_KEY="second" * 12), pytest.raises(ForgedTokenError):
        read_token(Purpose.OPEN, text)
