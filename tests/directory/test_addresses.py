"""When two addresses are the same page."""

import pytest

from directory.pages.addresses import Nearness, compare, resolve

EXACT = [
    ("HTTP://Acme.com:80/a", "http://acme.com/a"),
    ("https://acme.com", "https://acme.com/"),
    ("https://acme.com./a", "https://acme.com/a"),
    ("https://acme.com/a/./b/../c", "https://acme.com/a/c"),
    ("https://acme.com/%7Ejo%2f", "https://acme.com/~jo%2F"),
    ("https://acme.com/ä ö", "https://acme.com/%C3%A4%20%C3%B6"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://acme.com/a#b", "https://acme.com/a"),
]
ALIKE = [
    ("http://acme.com/", "https://acme.com/"),
    ("https://www.acme.com/", "https://acme.com/"),
    ("https://acme.com/a/", "https://acme.com/a"),
    ("https://acme.com/A", "https://acme.com/a"),
    ("https://acme.com/index.php", "https://acme.com/"),
    ("https://acme.com/?b=1&a=2", "https://acme.com/?a=2&b=1"),
    ("https://acme.com/?utm_source=x", "https://acme.com/"),
]
SAME_SITE = [
    ("https://acme.com/b", "https://acme.com/a"),
    ("https://blog.acme.com/a", "https://acme.com/a"),
    ("https://acme.com:8443/a", "https://acme.com/a"),
    ("https://acme.com/?id=1", "https://acme.com/?id=2"),
    ("https://acme.com/?A=1", "https://acme.com/"),
    ("https://acme.com/a%2Fb", "https://acme.com/a/b"),
]
OTHER = [
    ("https://acme.org/a", "https://acme.com/a"),
    ("https://notacme.com/a", "https://acme.com/a"),
    ("https://acme.com.evil.example/a", "https://acme.com/a"),
    ("mailto:a@acme.com", "https://acme.com/a"),
    ("https://one.github.io/", "https://two.github.io/"),
]


@pytest.mark.parametrize(("one", "other"), EXACT)
def test_exact(one, other):
    assert compare(one, other).nearness == Nearness.EXACT


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_alike_says_in_what(one, other):
    found = compare(one, other)
    assert (found.nearness, len(found.notes)) == (Nearness.ALIKE, 1)


@pytest.mark.parametrize(("one", "other"), SAME_SITE)
def test_same_site(one, other):
    assert compare(one, other).nearness == Nearness.SAME_SITE


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other(one, other):
    assert compare(one, other).nearness == Nearness.OTHER


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("b", "https://acme.com/x/b"),
        ("//other.com/b", "https://other.com/b"),
        ("\\\\other.com\\b", "https://other.com/b"),
        (" ht\ntps://other.com/b ", "https://other.com/b"),
        ("?q=\\a", "https://acme.com/x/a?q=\\a"),
    ],
)
def test_href_is_resolved_as_a_browser_does(href, found):
    assert resolve("https://acme.com/x/a", href) == found
