import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from foundation.addresses import (
    address_domain,
    normalise_address,
    normalise_domain,
    registrable_domain,
)


@pytest.mark.parametrize(
    ("given_text", "compared"),
    [
        (" Elena.Rossi@Ridge.Example ", "elena.rossi@ridge.example"),
        ("a+tag@x.example", "a+tag@x.example"),
        ("info@xn--mnchen-3ya.example", "info@münchen.example"),
        ("info@MÜNCHEN.example", "info@münchen.example"),
    ],
)
def test_normalise_address_gives_the_compared_form(given_text, compared):
    assert normalise_address(given_text) == compared


@pytest.mark.parametrize(
    "text", ["", "elena", "@x.example", "a@", "a b@x.example", "a@@x.example", "a@x..example"]
)
def test_normalise_address_refuses_what_is_no_address(text):
    with pytest.raises(ValidationError):
        normalise_address(text)


@pytest.mark.parametrize("control", ["\r", "\n", "\x00", "\x7f", "\t"])
def test_normalise_address_refuses_header_injection(control):
    with pytest.raises(ValidationError, match="control character"):
        normalise_address(f"a@x.example{control}Bcc: b@y.example")


@given(st.text(max_size=80))
def test_normalise_address_returns_or_raises_and_never_anything_else(text):
    try:
        once = normalise_address(text)
    except ValidationError:
        return
    assert normalise_address(once) == once


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Ridge.Example.", "ridge.example"),
        ("@ridge.example", "ridge.example"),
        ("https://Ridge.example/write-for-us", "ridge.example"),
    ],
)
def test_normalise_domain_gives_the_compared_form(text, domain):
    assert normalise_domain(text) == domain


@pytest.mark.parametrize("text", ["", "ridge", "elena@ridge.example", "https://"])
def test_normalise_domain_refuses_what_is_no_domain(text):
    with pytest.raises(ValidationError):
        normalise_domain(text)


def test_address_domain_is_what_follows_the_at_sign():
    assert address_domain("elena@ridge.example") == "ridge.example"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://blog.example.co.uk/x", "example.co.uk"),
        ("www.ridge.example", "ridge.example"),
        ("elena@news.ridge.com", "ridge.com"),
        ("deep.down.example.test", "example.test"),
        ("localhost", ""),
        ("", ""),
        ("10.0.0.1", ""),
    ],
)
def test_registrable_domain_follows_the_public_suffixes(text, domain):
    assert registrable_domain(text) == domain
