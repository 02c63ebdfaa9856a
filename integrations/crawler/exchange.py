"""One request and its answer, within a time, a size and the media types worth reading."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from integrations.crawler.bodies import ACCEPTED, MOST, Body, BodyError
from integrations.crawler.doors import DoorError, PinnedResolver, UnknownHostError
from integrations.crawler.pages import Problem

if TYPE_CHECKING:
    from integrations.crawler.doors import Doors
    from integrations.crawler.urls import WebUrl

_READABLE = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "text/xml",
                       "application/xml", "text/markdown", "application/octet-stream"})  # fmt: skip
_KEPT = (
    "content-type", "content-encoding", "content-language", "location", "x-robots-tag", "link",
    "retry-after", "refresh", "server", "last-modified", "cf-mitigated", "www-authenticate",
)  # fmt: skip
_LOOK_UPS = 16  # names looked up at the same time
_WIDEST = 500  # characters of a header that are kept


class ExchangeError(Exception):
    """No answer worth reading; the message is for people.

    `passing` says that asking again may help at once.
    """

    def __init__(self, problem: Problem, words: str, *, passing: bool = False) -> None:
        super().__init__(words)
        self.problem, self.words, self.passing = problem, words, passing


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its body inflated and bounded."""

    status: int
    headers: dict[str, str]
    content: bytes = b""
    truncated: bool = False


class Budget:
    """The seconds one page may still cost, not counting the wait for its host's turn."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def spend(self, since: float) -> None:
        """Take off what has passed since a `time.monotonic()`."""
        self.left -= time.monotonic() - since


class Line:
    """The HTTP client of one crawl: checked addresses, no cookies, no proxies."""

    def __init__(self, doors: Doors, *, agent: str, tls: ssl.SSLContext, connections: int) -> None:
        self.connections = connections
        self._doors = doors
        # A crawl that begins with hundreds of hosts must not drown its name server.
        self._looking_up = asyncio.Semaphore(_LOOK_UPS)
        self._resolver = PinnedResolver()
        connector = aiohttp.TCPConnector(
            resolver=self._resolver, use_dns_cache=False, socket_factory=doors.open_socket,
            ssl=tls, limit=connections, limit_per_host=1, keepalive_timeout=15,
        )  # fmt: skip
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=16 * 1024,
            max_field_size=32 * 1024,
            headers={
                "User-Agent": agent,
                "Accept": "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,*/*;q=0.1",
                "Accept-Encoding": ACCEPTED,
                "Accept-Language": "en, *;q=0.5",
            },
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def ask(self, url: WebUrl, budget: Budget, *, most: int = MOST) -> Answer:
        """Ask once, following no redirect; raises `ExchangeError`."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(max(budget.left, 0)):
                return await self._ask(url, most)
        except TimeoutError:
            words = f"{url.host} took too long to answer."
            raise ExchangeError(Problem.TIMEOUT, words) from None
        finally:
            budget.spend(started)

    async def check(self, url: WebUrl) -> None:
        """Look a host up and pin what may be visited of it; raises `ExchangeError`."""
        try:
            async with self._looking_up:
                self._resolver.pins[url.host] = await self._doors.check(url)
        except UnknownHostError as error:
            raise ExchangeError(Problem.NO_HOST, str(error)) from error
        except DoorError as error:
            raise ExchangeError(Problem.PRIVATE, str(error)) from error

    async def _ask(self, url: WebUrl, most: int) -> Answer:
        await self.check(url)
        try:
            # Built from the checked parts: the library reads no text of its own.
            async with self._session.get(_yarl(url), allow_redirects=False) as response:
                return await _read(response, most)
        except aiohttp.ClientConnectorCertificateError as error:
            words = f"{url.host} has no valid certificate: {error.certificate_error}"
            raise ExchangeError(Problem.TLS, words[:300]) from error
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            words = f"No secure connection to {url.host} could be made."
            raise ExchangeError(Problem.TLS, words) from error
        except BodyError as error:
            raise ExchangeError(Problem.BODY, str(error)) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError,
                ConnectionResetError) as error:  # fmt: skip
            words = f"{url.host} broke the connection off."
            raise ExchangeError(Problem.CONNECTION, words, passing=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            words = f"{url.host} did not answer a connection ({type(error).__name__})."
            raise ExchangeError(Problem.CONNECTION, words) from error


def _yarl(url: WebUrl) -> URL:
    path, _, query = url.target.partition("?")
    return URL.build(
        scheme=url.scheme, host=url.host, port=url.port, path=path, query_string=query,
        encoded=True,
    )  # fmt: skip


async def _read(response: aiohttp.ClientResponse, most: int) -> Answer:
    headers = {
        name: ("\n" if name == "x-robots-tag" else ", ").join(found)[:_WIDEST]
        for name in _KEPT
        if (found := response.headers.getall(name, []))
    }
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    redirect = "location" in headers and 300 <= response.status < 400  # noqa: PLR2004  # RFC 9110 15.4
    if redirect or kind not in _READABLE:
        response.close()
        return Answer(response.status, headers)
    body = Body(headers.get("content-encoding", ""), most=most)
    async for piece in response.content.iter_any():
        if not body.feed(piece):
            response.close()  # what is left of it is not read
            break
    return Answer(response.status, headers, bytes(body.content), body.truncated)


def readable(headers: dict[str, str]) -> bool:
    """Return whether an answer's media type is one whose body is read."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() in _READABLE
