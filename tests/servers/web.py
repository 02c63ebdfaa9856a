"""A real web server on loopback whose pages a test writes, and a name server that leads to it."""

from __future__ import annotations

import asyncio
import inspect
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Handler = Callable[[web.Request], web.StreamResponse | Awaitable[web.StreamResponse]]

_UTF_8 = "text/html; charset=utf-8"


@dataclass
class Asked:
    """One request the server took, when it came and when it was answered."""

    host: str
    path: str
    headers: dict[str, str]
    came: float
    left: float = 0.0


@dataclass
class WebServer:
    """Pages by host and path, `*` for any; whatever is not there is 404."""

    pages: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    def page(self, path: str, made: Any, *, host: str = "*") -> None:
        """Publish a page: text, bytes, a response's keywords, or a handler."""
        self.pages[host, path] = made

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return a page's address."""
        return f"http://{host}:{self.port}{path}"

    def paths(self, *, robots: bool = False) -> list[str]:
        """What was asked for, in order."""
        return [one.path for one in self.asked if robots or one.path != "/robots.txt"]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, noting it."""
        host = request.host.partition(":")[0]
        one = Asked(host, request.path_qs, dict(request.headers), time.monotonic())
        self.asked.append(one)
        try:
            places = ((host, request.path), ("*", request.path), ("*", "*"))
            made = next((self.pages[one] for one in places if one in self.pages), None)
            return await _response(made, request)
        finally:
            one.left = time.monotonic()


async def _response(made: Any, request: web.Request) -> web.StreamResponse:
    if callable(made):
        found = made(request)
        return await found if inspect.isawaitable(found) else found
    if made is None:
        made = {"status": 404, "text": "Nothing here."}
    elif not isinstance(made, dict):
        body, kind = (made, "text/html") if isinstance(made, bytes) else (made.encode(), _UTF_8)
        made = {"body": body, "headers": {"Content-Type": kind}}
    return web.Response(**made)


def drop(request: web.Request) -> web.StreamResponse:
    """Break the connection off instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@contextmanager
def web_running(server: WebServer | None = None, **options: Any) -> Iterator[WebServer]:
    """Run the server on a free port of every loopback address; `ssl_context` makes it https."""
    server = server or WebServer()
    loop = asyncio.new_event_loop()
    up, stop = threading.Event(), asyncio.Event()

    async def main() -> None:
        handler: Any = server.answer
        runner = web.ServerRunner(web.Server(handler, access_log=None))
        await runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("", server.port))  # on all of 127.0.0.0/8: each address a site
        server.port = listening.getsockname()[1]
        await web.SockSite(runner, listening, backlog=1024, **options).start()
        up.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    assert up.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


class NameServer:
    """Answers every name with `default`, or with what `names` lists, one after the other."""

    def __init__(self, default: str = "127.0.0.1") -> None:
        self.default = default
        self.names: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self.address = ""

    def answer(self, packet: bytes) -> bytes:
        """Return the answer to a query; the last of a name's answers stays."""
        query = dns.message.from_wire(packet)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        for value in self._values(name, kind):
            reply.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, value))
        if name in self.names and not self.names[name]:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()

    def _values(self, name: str, kind: str) -> list[str]:
        answers = self.names.get(name, [[self.default]])
        if kind == "A":
            self.asked.append(name)
        now = answers[min(self.asked.count(name), len(answers)) - 1] if answers else []
        return [one for one in now if (":" in one) == (kind == "AAAA")]


@contextmanager
def names_running(default: str = "127.0.0.1") -> Iterator[NameServer]:
    """Run the name server on a free UDP port of 127.0.0.1."""
    server = NameServer(default)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        server.address = f"127.0.0.1:{listening.getsockname()[1]}"

        def serve() -> None:
            while True:
                packet, where = listening.recvfrom(2048)
                if not packet:
                    return
                listening.sendto(server.answer(packet), where)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
                waking.sendto(b"", listening.getsockname())
            thread.join(5)
