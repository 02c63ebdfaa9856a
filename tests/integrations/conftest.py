"""A local web the crawler may visit: other companies' sites, and the names that lead there."""

from collections.abc import Iterator

import pytest

from tests.servers.web import NameServer, WebServer, names_running, web_running


@pytest.fixture(scope="session")
def web_site() -> Iterator[WebServer]:
    with web_running() as server:
        yield server


@pytest.fixture
def site(web_site: WebServer, settings) -> WebServer:
    """Return the server with nothing on it, and the crawler allowed to visit it."""
    web_site.pages.clear()
    web_site.asked.clear()
    settings.CRAWLER_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    settings.CRAWLER_DELAY = 0.0
    return web_site


@pytest.fixture
def names(settings) -> Iterator[NameServer]:
    with names_running() as server:
        settings.DNS_SERVERS = [server.address]
        yield server
