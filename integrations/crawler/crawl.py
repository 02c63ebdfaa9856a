"""Reads many pages at once: parallel over hosts, one after the other at each."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections import defaultdict
from typing import TYPE_CHECKING

from django.conf import settings

from integrations.crawler.desk import Desk
from integrations.crawler.doors import Doors
from integrations.crawler.exchange import Line
from integrations.crawler.robots import AGENT
from integrations.crawler.urls import UrlError, parse_url
from integrations.crawler.visits import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from integrations.crawler.pages import Page

PATIENCE = 60.0  # seconds a page waits for its host's turn


def crawl(
    urls: Iterable[str], *, doors: Doors | None = None, patience: float = PATIENCE
) -> Iterator[Page]:
    """Read pages and yield each as soon as it is there, in no order.

    A URL given twice is read twice. Call it outside a transaction: other workers must see
    whose turn it is. Nothing is raised for a page that cannot be read; see `Page.problem`.

    Args:
        urls: addresses as somebody wrote them.
        doors: where connections may go; as the operator has set when not given.
        patience: seconds a page may wait for its host's turn.
    """
    loop = asyncio.new_event_loop()
    try:
        desk = Desk()
        running = loop.create_task(
            _read_all(list(urls), desk, doors or Doors.from_settings(), patience)
        )
        try:
            while not running.done():
                loop.run_until_complete(desk.wait(running))
                yield from desk.work()
            running.result()
        finally:
            running.cancel()
            loop.run_until_complete(asyncio.gather(running, return_exceptions=True))
            desk.work()  # turns are given back also when nobody wants the rest
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def read_page(url: str, *, doors: Doors | None = None) -> Page:
    """Read one page."""
    return next(iter(list(crawl([url], doors=doors))))


async def _read_all(urls: list[str], desk: Desk, doors: Doors, patience: float) -> None:
    line = Line(doors, agent=agent(), tls=_tls(), connections=settings.CRAWLER_CONNECTIONS)
    visitor = Visitor(line, desk, delay=settings.CRAWLER_DELAY, patience=patience)

    async def one_after_the_other(host_urls: list[str]) -> None:
        for url in host_urls:
            desk.deliver(await visitor.visit(url))

    try:
        async with asyncio.TaskGroup() as group:
            for host_urls in _by_host(urls).values():
                group.create_task(one_after_the_other(host_urls))
    finally:
        await line.close()


def _by_host(urls: list[str]) -> dict[str, list[str]]:
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for url in urls:
        try:
            hosts[parse_url(url).host].append(url)
        except UrlError:
            hosts[""].append(url)
    return hosts


def agent() -> str:
    """Return the name the crawler goes by, with where to read what it does and complain."""
    return f"{AGENT}/1.0 (+{settings.CRAWLER_CONTACT_URL})"


@functools.cache
def _tls() -> ssl.SSLContext:
    # Reading the list of authorities takes 20 ms: once a process.
    return ssl.create_default_context()
