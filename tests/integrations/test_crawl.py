"""The crawler's manners and limits, against a real local server."""

import gzip
import time
import zlib

import brotli
import pytest
import zstandard
from aiohttp import web

from integrations.crawler import visits
from integrations.crawler.bodies import MOST
from integrations.crawler.crawl import crawl, read_page
from integrations.crawler.doors import Doors
from integrations.crawler.pages import Hop, Problem
from integrations.models import CrawlTurn, RobotsFile
from tests.servers.web import drop

pytestmark = pytest.mark.django_db


def test_page_is_read_with_its_way_and_digest(site):
    site.page("/a", {"status": 301, "headers": {"Location": "/b"}})
    site.page("/b", "<p>Hello</p>")
    page = read_page(site.url("/a"))
    assert (page.status, page.text, page.chain) == (
        200,
        "<p>Hello</p>",
        (Hop(site.url("/a"), 301), Hop(site.url("/b"), 200)),
    )
    assert len(page.digest) == 64


def test_crawler_says_who_it_is(site, settings):
    settings.CRAWLER_CONTACT_URL = "https://desk.example/bot"
    read_page(site.url("/a"))
    assert {one.headers["User-Agent"] for one in site.asked} == {
        "OutreachDesk/1.0 (+https://desk.example/bot)"
    }


def test_cookies_are_not_kept(site):
    site.page("/a", {"text": "x", "headers": {"Set-Cookie": "a=b"}})
    list(crawl([site.url("/a"), site.url("/a")]))
    assert [one.headers.get("Cookie") for one in site.asked] == [None] * 3


def test_sixth_redirect_is_not_followed(site):
    for number in range(8):
        site.page(f"/{number}", {"status": 302, "headers": {"Location": f"/{number + 1}"}})
    page = read_page(site.url("/0"))
    assert (page.problem, len(page.chain)) == (Problem.REDIRECTS, 6)


def test_fifth_redirect_is_followed(site):
    for number in range(5):
        site.page(f"/{number}", {"status": 302, "headers": {"Location": f"/{number + 1}"}})
    site.page("/5", "there")
    assert read_page(site.url("/0")).text == "there"


@pytest.mark.parametrize("seconds", [0.3])
def test_page_that_takes_too_long_is_given_up(site, monkeypatch, seconds):
    monkeypatch.setattr(visits, "DEADLINE", seconds)

    async def slowly(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x")
            await visits.asyncio.sleep(0.05)
        return response

    site.page("/slow", slowly)
    started = time.monotonic()
    page = read_page(site.url("/slow"))
    assert page.problem == Problem.TIMEOUT
    assert time.monotonic() - started < 5


# Manners -----------------------------------------------------------------------------------


def test_page_that_robots_forbid_is_not_read(site):
    site.page("/robots.txt", {"text": "User-agent: *\nDisallow: /private"})
    site.page("/private", "secret")
    page = read_page(site.url("/private"))
    assert page.problem == Problem.ROBOTS
    assert site.paths() == []


def test_rule_for_our_name_goes_before_that_for_all(site):
    site.page(
        "/robots.txt", {"text": "User-agent: *\nDisallow: /\n\nUser-agent: OutreachDesk\nAllow: /"}
    )
    site.page("/a", "open")
    assert read_page(site.url("/a")).text == "open"


@pytest.mark.parametrize(
    ("status", "read"), [(404, True), (403, True), (500, False), (503, False), (429, False)]
)
def test_answer_to_robots_txt_decides(site, status, read, monkeypatch):
    monkeypatch.setattr(visits, "_LONGEST_PAUSE", 0.0)
    site.page("/robots.txt", {"status": status})
    site.page("/a", "open")
    assert (read_page(site.url("/a")).problem is None) == read


def test_robots_of_where_a_redirect_leads_count(site, names):
    site.page(
        "/a", {"status": 302, "headers": {"Location": site.url("/b", "two.test")}}, host="one.test"
    )
    site.page("/robots.txt", {"text": "User-agent: *\nDisallow: /b"}, host="two.test")
    page = read_page(site.url("/a", "one.test"))
    assert page.problem == Problem.ROBOTS


def test_robots_txt_is_remembered(site):
    site.page("/a", "x")
    list(crawl([site.url("/a")]))
    list(crawl([site.url("/a")]))
    assert site.paths(robots=True) == ["/robots.txt", "/a", "/a"]
    assert RobotsFile.objects.count() == 1


def test_host_rests_between_requests(site, settings):
    settings.CRAWLER_DELAY = 0.2
    for number in range(3):
        site.page(f"/{number}", "x")
    list(crawl([site.url(f"/{number}") for number in range(3)]))
    gaps = [later.came - one.left for one, later in zip(site.asked, site.asked[1:], strict=False)]
    assert len(gaps) == 3
    assert min(gaps) >= 0.2


def test_crawl_delay_of_robots_txt_is_kept(site):
    site.page("/robots.txt", {"text": "User-agent: *\nCrawl-delay: 0.5"})
    site.page("/a", "x")
    site.page("/b", "x")
    list(crawl([site.url("/a"), site.url("/b")]))
    assert site.asked[2].came - site.asked[1].left >= 0.5


def test_hosts_are_read_at_the_same_time(site, names):
    async def slowly(request):
        await visits.asyncio.sleep(0.2)
        return web.Response(text="x", content_type="text/html")

    site.page("/a", slowly)
    started = time.monotonic()
    pages = list(crawl([site.url("/a", f"h{number}.test") for number in range(20)]))
    assert [page.text for page in pages] == ["x"] * 20
    assert time.monotonic() - started < 3


def test_turn_somebody_else_holds_is_waited_for_and_then_given_up(site):
    CrawlTurn.objects.create(host="127.0.0.1", free_at=time.time() + 100, holder="other")
    (page,) = crawl([site.url("/a")], patience=0.2)
    assert page.problem == Problem.BUSY
    assert site.asked == []


def test_turn_is_given_back(site):
    read_page(site.url("/a"))
    assert CrawlTurn.objects.get().free_at <= time.time() + 0.1


# What passes ------------------------------------------------------------------------------


def test_429_is_asked_again_after_its_time(site):
    answers = [web.Response(text="there"), web.Response(status=429, headers={"Retry-After": "1"})]
    site.page("/a", lambda _: answers.pop())
    assert read_page(site.url("/a")).text == "there"


def test_long_retry_after_is_not_waited_for(site):
    site.page("/a", {"status": 429, "headers": {"Retry-After": "3600"}})
    assert read_page(site.url("/a")).status == 429
    assert site.paths() == ["/a"]


def test_broken_connection_is_tried_again(site):
    calls = []

    def once(request):
        calls.append(1)
        return drop(request) if len(calls) == 1 else web.Response(text="there")

    site.page("/a", once)
    assert read_page(site.url("/a")).text == "there"


def test_404_is_not_asked_again(site):
    assert read_page(site.url("/none")).status == 404
    assert site.paths() == ["/none"]


# Bodies -------------------------------------------------------------------------------------

PACKED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", PACKED)
def test_compressed_page_is_unpacked(site, coding):
    body = PACKED[coding](b"<p>" + b"hello " * 5000)
    site.page(
        "/a", {"body": body, "headers": {"Content-Type": "text/html", "Content-Encoding": coding}}
    )
    assert read_page(site.url("/a")).size == 30_003


@pytest.mark.parametrize("coding", PACKED)
def test_bomb_stops_at_the_bound(site, coding):
    body = PACKED[coding](b"x" * (60 * 1024 * 1024))
    site.page(
        "/a", {"body": body, "headers": {"Content-Type": "text/html", "Content-Encoding": coding}}
    )
    page = read_page(site.url("/a"))
    assert (page.size, page.truncated) == (MOST, True)


def test_bomb_in_a_bomb_stops_at_the_bound(site):
    body = gzip.compress(gzip.compress(b"x" * (60 * 1024 * 1024)))
    site.page(
        "/a",
        {"body": body, "headers": {"Content-Type": "text/html", "Content-Encoding": "gzip, gzip"}},
    )
    page = read_page(site.url("/a"))
    assert (page.size, page.truncated) == (MOST, True)


@pytest.mark.parametrize("coding", PACKED)
def test_broken_compression_is_named(site, coding):
    body = b"\xff\xfenot compressed at all"
    site.page(
        "/a", {"body": body, "headers": {"Content-Type": "text/html", "Content-Encoding": coding}}
    )
    assert read_page(site.url("/a")).problem == Problem.BODY


def test_plain_page_over_the_bound_is_cut(site):
    site.page("/a", b"x" * (MOST + 10))
    page = read_page(site.url("/a"))
    assert (page.size, page.truncated) == (MOST, True)


def test_film_is_not_read(site):
    site.page("/a", {"body": b"x" * 100, "headers": {"Content-Type": "video/mp4"}})
    page = read_page(site.url("/a"))
    assert (page.problem, page.size) == (Problem.CONTENT, 0)


# Where it goes ------------------------------------------------------------------------------


def test_certificate_is_checked(site):
    page = read_page(site.url("/a").replace("http:", "https:"))
    assert page.problem in {Problem.TLS, Problem.CONNECTION}


def test_private_address_is_refused(site, settings):
    settings.CRAWLER_PRIVATE_NETWORKS = []
    assert read_page(site.url("/a")).problem == Problem.PRIVATE
    assert site.asked == []


def test_redirect_to_a_private_address_is_refused(site):
    site.page("/a", {"status": 302, "headers": {"Location": site.url("/b", "127.0.0.1")}})
    page = read_page(
        site.url("/a", "127.0.0.2"), doors=Doors(networks=["127.0.0.2/32"], ports=[80])
    )
    assert page.problem == Problem.PRIVATE
    assert site.paths() == ["/a"]


def test_name_that_changes_its_address_reaches_nothing_new(site, names):
    names.names["rebind.test"] = [["127.0.0.2"], ["127.0.0.1"]]
    site.page("/a", "x")
    doors = Doors(networks=["127.0.0.2/32"], ports=[80])
    list(crawl([site.url("/a", "rebind.test")], doors=doors))
    assert names.asked == ["rebind.test"]


def test_unusual_port_is_refused(names, settings):
    names.names["site.test"] = [["93.184.216.34"]]
    assert read_page("http://site.test:22/").problem == Problem.PRIVATE


def test_unknown_host_is_named(names):
    names.names["none.test"] = []
    assert read_page("http://none.test/").problem == Problem.NO_HOST


def test_broken_address_does_not_stop_the_others(site):
    site.page("/a", "x")
    pages = {page.url: page.problem for page in crawl(["ftp://x", "http://[", site.url("/a")])}
    assert pages == {"ftp://x": Problem.BAD_URL, "http://[": Problem.BAD_URL, site.url("/a"): None}


def test_crawl_given_up_midway_gives_its_turns_back(site, settings):
    settings.CRAWLER_DELAY = 0.0
    for number in range(3):
        site.page(f"/{number}", "x")
    pages = crawl([site.url(f"/{number}") for number in range(3)])
    next(pages)
    pages.close()
    assert CrawlTurn.objects.get().free_at <= time.time() + 0.1
