"""Every kind of page gets the verdict it deserves, through the real crawler."""

from collections.abc import Iterator

import pytest

from directory.pages.verdicts import Finding
from directory.pages.wishes import Wish
from directory.services.looking import Look, look_at
from tests.servers.link_pages import BLOG, KINDS, Kind, build, filled, path_of
from tests.servers.web import WebServer, names_running, web_running


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_running() as server:
        build(server)
        yield server


@pytest.fixture(autouse=True)
def local_web(settings, db) -> Iterator[None]:
    with names_running() as names:
        settings.DNS_SERVERS = [names.address]
        settings.CRAWLER_PRIVATE_NETWORKS = ["127.0.0.0/8"]
        settings.CRAWLER_DELAY = 0.0
        yield


def look(site: WebServer, kind: Kind) -> Finding:
    wish = Wish(filled(kind.target, site.port), kind.rel, kind.anchor)
    ((_, finding),) = look_at([Look(1, site.url(path_of(kind), BLOG), wish)])
    return finding


def test_there_are_kinds_enough_and_none_twice():
    assert len({path_of(kind) for kind in KINDS}) == len(KINDS) >= 60


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_page_gets_its_verdict(site, kind):
    finding = look(site, kind)
    assert finding.verdict == kind.verdict, finding.reason
    assert tuple(change.what for change in finding.changes) == kind.changes
    assert kind.says in finding.reason
