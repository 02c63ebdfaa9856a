"""A web of local hosts in a process of its own, for the benchmarks of the crawler.

Every name leads to it; page `/<n>` is of the kind `n % 10` says. It prints its ports as
JSON, serves until its input ends, and answers `/stats` with what each host was asked and
the shortest rest between an answer and the next request to the same host.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from aiohttp import web

from tests.servers.web import WebServer, names_running, web_running

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = "https://acme.example/guide"
SIZE = 20_000  # bytes of a page, about
_MENU = "".join(f'<li><a href="/menu/{n}">Menu entry {n}</a></li>' for n in range(60))
_TEXT = "<p>" + "Bread baked over an open fire needs patience. " * 30 + "</p>"
_LINKS = {
    3: (f'<a rel="nofollow" href="{TARGET}">Acme</a>', "changed"),
    5: ("nothing at all", "missing"),
    7: ('<a href="https://acme.example/other">Acme</a>', "changed"),
}
_CLOSED, _REFUSED, _GONE = 8, 9, 6


@dataclass
class Sites:
    """Where the local web is."""

    port: int
    names: str

    def url(self, host: int, page: int) -> str:
        """Return the address of a host's page."""
        return f"http://h{host}.test:{self.port}/{page}"

    def stats(self) -> dict[str, Any]:
        """Return how often each page was asked for and the shortest rest of a host, in s."""
        with urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:  # our own server
            found: dict[str, Any] = json.load(answer)
        return found


def verdict_of(page: int) -> str:
    """Return what a check of a page must find, dofollow being agreed."""
    kind = page % 10
    special = {_CLOSED: "not_indexable", _REFUSED: "unverifiable", _GONE: "missing"}
    return special.get(kind) or _LINKS.get(kind, ("", "live"))[1]


@contextmanager
def sites_running() -> Iterator[Sites]:
    """Run the local web."""
    command = [sys.executable, "-m", "benchmarks._sites"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own module
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield Sites(**json.loads(child.stdout.readline()))
    finally:
        child.stdin.close()
        child.wait(20)
        child.stdout.close()


def _page(request: web.Request) -> web.Response:
    number = int(request.path[1:]) if request.path[1:].isdigit() else 0
    kind = number % 10
    if kind in {_REFUSED, _GONE}:
        return web.Response(status=403 if kind == _REFUSED else 410)
    link = _LINKS.get(kind, (f'<a href="{TARGET}">Acme</a>', ""))[0]
    head = '<meta name="robots" content="noindex">' if kind == _CLOSED else ""
    start = f"<!doctype html><html><head><title>Page {number}</title>{head}</head><body><ul>{_MENU}"
    text = f"{start}</ul><main><p>Before you start, read {link} with care.</p>"
    filling = _TEXT * ((SIZE - len(text)) // len(_TEXT) + 1)
    return web.Response(text=f"{text}{filling}</main></body></html>", content_type="text/html")


def _stats(server: WebServer) -> dict[str, Any]:
    pages: Counter[str] = Counter()
    by_host = defaultdict(list)
    for one in server.asked:
        if one.path not in {"/stats", "/robots.txt"}:
            pages[f"{one.host}{one.path}"] += 1
        if one.path != "/stats":
            by_host[one.host].append(one)
    rests = [
        later.came - earlier.left
        for asked in by_host.values()
        for earlier, later in itertools.pairwise(asked)
    ]
    return {"pages": pages, "requests": len(server.asked), "shortest_rest": min(rests, default=0.0)}


def main() -> None:
    """Serve until the input ends."""
    server = WebServer()
    server.page("/robots.txt", {"status": 404})
    server.page("/stats", lambda _: web.json_response(_stats(server)))
    server.page("*", _page)
    with names_running() as names, web_running(server):
        print(json.dumps({"port": server.port, "names": names.address}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
