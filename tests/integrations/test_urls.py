"""Addresses are read as the connection will read them."""

import pytest

from benchmarks.ssrf import OWN
from integrations.crawler.crawl import crawl
from integrations.crawler.doors import Doors
from integrations.crawler.pages import Problem
from integrations.crawler.urls import UrlError, parse_host, parse_url

LOOPBACK = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1",
    "017700000001", "127.0.0.1.", "%31%32%37.0.0.1", "127。0。0。1", "１２７.０.０.１",
]  # fmt: skip
BAD_HOSTS = [
    "", ".", "a..b", "-a.example", "a_.exa mple", "256.1.1.1", "1.2.3.4.5", "1.2.3.4.0",
    "4294967296", "0x1ffffffff", "09.0.0.1", "[::1%25lo]", "[::1", "[1.2.3.4]", "a%00b.example",
    "a/b", "xn--a.example\n.evil", "a" * 64 + ".example",
]  # fmt: skip
BAD_URLS = [
    "", "example.com", "//example.com", "ftp://example.com/", "file:///etc/passwd",
    "gopher://example.com", "http:/example.com", "http:example.com", "http://", "http://:80/",
    "http://a@b.example/", "http://a:b@c.example/", "http://a.example:0/", "http://a.example:99999/",
    "http://a.example:8o/", "http://a.example:٨٠/", "http://a.example/" + "x" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_number_in_any_spelling_is_the_same_address(host):
    assert parse_host(host) == "127.0.0.1"


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_host_no_browser_connects_to_is_refused(host):
    with pytest.raises(UrlError):
        parse_host(host)


@pytest.mark.parametrize("url", BAD_URLS)
def test_address_that_is_not_visited_is_refused(url):
    with pytest.raises(UrlError):
        parse_url(url)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("HTTP://Example.COM", "http://example.com/"),
        ("https://example.com:443/a?b#c", "https://example.com/a?b"),
        ("http://example.com:8080?x=1", "http://example.com:8080/?x=1"),
        (" http://exa\tmple.com/a\nb ", "http://example.com/ab"),
        ("http:\\\\example.com\\a", "http://example.com/a"),
        ("http://bücher.example/ä b", "http://xn--bcher-kva.example/%C3%A4%20b"),
        ("http://my_blog.example/%41%zz", "http://my_blog.example/%41%zz"),
        ("http://[::FFFF:1.2.3.4]:81/", "http://[::ffff:102:304]:81/"),
    ],
)
def test_address_is_taken_apart(url, parts):
    assert str(parse_url(url)) == parts


@pytest.mark.django_db
def test_no_private_address_is_visited(settings):
    settings.CRAWLER_PRIVATE_NETWORKS = []
    problems = {page.problem for page in crawl(OWN)}
    assert problems <= {Problem.PRIVATE, Problem.BAD_URL}


def test_sockets_check_the_address_once_more():
    with pytest.raises(PermissionError):
        Doors(networks=[], ports=[80]).open_socket((2, 1, 6, "", ("127.0.0.1", 80)))
