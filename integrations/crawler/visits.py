"""One page's visit: robots.txt first, its host's turn, redirects, and what may be retried."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from integrations.crawler.bodies import MOST
from integrations.crawler.charsets import decode
from integrations.crawler.exchange import Answer, Budget, ExchangeError, readable
from integrations.crawler.pages import Hop, Page, Problem
from integrations.crawler.robots import LONGEST, Rules
from integrations.crawler.urls import UrlError, WebUrl, parse_url

if TYPE_CHECKING:
    from integrations.crawler.desk import Desk
    from integrations.crawler.exchange import Line

DEADLINE = 20.0  # seconds on the line a page may cost
REDIRECTS = 5
_ROBOTS_DEADLINE = 10.0
_TRIES = 3
_LONGEST_PAUSE = 10.0  # seconds a Retry-After is waited for on the spot
_POLL = 1.0
_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({429, 503})


class Visitor:
    """Visits pages for one crawl, remembering each origin's rules.

    Args:
        delay: seconds a host rests between two requests, at least.
        patience: seconds to wait for a host's turn before giving the page back as busy.
    """

    def __init__(self, line: Line, desk: Desk, *, delay: float, patience: float) -> None:
        self._line, self._desk = line, desk
        self._delay, self._patience = delay, patience
        self._rules: dict[str, Rules] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._room = asyncio.Semaphore(line.connections)

    async def visit(self, text: str) -> Page:
        """Read one page; what goes wrong is in the page, never raised."""
        started = time.monotonic()
        chain: list[Hop] = []
        try:
            url, answer = await self._follow(parse_url(text), chain)
        except UrlError as error:
            return _failed(text, chain, Problem.BAD_URL, str(error), started)
        except ExchangeError as error:
            return _failed(text, chain, error.problem, error.words, started)
        shown, charset = decode(answer.content, answer.headers.get("content-type", ""))
        return Page(
            url=text, final_url=str(url), chain=tuple(chain), status=answer.status,
            headers=answer.headers, text=shown, charset=charset, size=len(answer.content),
            truncated=answer.truncated, digest=hashlib.sha256(answer.content).hexdigest(),
            seconds=time.monotonic() - started,
        )  # fmt: skip

    async def _follow(self, url: WebUrl, chain: list[Hop]) -> tuple[WebUrl, Answer]:
        budget = Budget(DEADLINE)
        while True:
            rules = await self._permitted(url)
            answer = await self._patiently(url, rules.delay, budget)
            chain.append(Hop(str(url), answer.status))
            where = answer.headers.get("location")
            if answer.status not in _FOLLOWED or not where:
                _check_kind(answer)
                return url, answer
            if len(chain) > REDIRECTS:
                words = f"The address redirects more than {REDIRECTS} times."
                raise ExchangeError(Problem.REDIRECTS, words)
            url = parse_url(urljoin(str(url), where))

    async def _patiently(self, url: WebUrl, delay: float, budget: Budget) -> Answer:
        """Ask, and ask again where the answer says or suggests that it will pass."""
        for last in (*[False] * (_TRIES - 1), True):
            pause = 1.0
            try:
                answer = await self._in_turn(url, delay, budget)
            except ExchangeError as error:
                if last or not error.passing:
                    raise
            else:
                if answer.status not in _PASSING or last:
                    return answer
                pause = _pause(answer.headers.get("retry-after", ""))
                if pause > min(_LONGEST_PAUSE, budget.left):
                    return answer
            budget.left -= pause
            await asyncio.sleep(pause)
        raise AssertionError  # the last try returned or raised

    async def _in_turn(
        self, url: WebUrl, delay: float, budget: Budget, *, most: int = MOST
    ) -> Answer:
        """Ask when this host's turn is ours, being the only one of all workers that does."""
        given_up = time.monotonic() + self._patience
        while True:
            # No place on the line is kept while waiting for a turn, and no turn for a place.
            async with self._locks.setdefault(url.host, asyncio.Lock()), self._room:
                holder = secrets.token_hex(8)
                wait = await self._desk.ask_turn(url.host, holder)
                if not wait:
                    try:
                        return await self._line.ask(url, budget, most=most)
                    finally:
                        self._desk.give_back(url.host, holder, max(self._delay, delay))
            if time.monotonic() + min(wait, _POLL) > given_up:
                raise ExchangeError(Problem.BUSY, f"{url.host} was busy; it is read later.")
            await asyncio.sleep(min(wait, _POLL))

    # robots.txt ----------------------------------------------------------------------------

    async def _permitted(self, url: WebUrl) -> Rules:
        """Return the rules of a URL's origin; raises `ExchangeError` where they forbid it."""
        await self._line.check(url)
        rules = await self._rules_of(url)
        if rules.closed:
            words = f"{url.host} does not give out its robots.txt at the moment."
            raise ExchangeError(Problem.ROBOTS, words)
        if not rules.permit(str(url)):
            words = f"The robots.txt of {url.host} asks not to read this page."
            raise ExchangeError(Problem.ROBOTS, words)
        return rules

    async def _rules_of(self, url: WebUrl) -> Rules:
        async with self._locks.setdefault(f"{url.origin}/robots.txt", asyncio.Lock()):
            if url.origin not in self._rules:
                known = await self._desk.ask_robots(url.origin)
                if known is None:
                    known = await self._read_robots(url)
                    self._desk.remember_robots(url.origin, *known)
                self._rules[url.origin] = Rules.from_answer(*known)
            return self._rules[url.origin]

    async def _read_robots(self, url: WebUrl) -> tuple[int, str]:
        """Return status and text; raises `ExchangeError` when nothing at all answers."""
        place = WebUrl(url.scheme, url.host, url.port, "/robots.txt")
        budget = Budget(_ROBOTS_DEADLINE)
        for _ in range(REDIRECTS + 1):
            answer = await self._in_turn(place, 0.0, budget, most=LONGEST)
            where = answer.headers.get("location")
            if answer.status not in _FOLLOWED or not where:
                return answer.status, answer.content.decode("utf-8", "replace")
            try:
                place = parse_url(urljoin(str(place), where))
            except UrlError:
                break
        return 404, ""  # RFC 9309 2.3.1.2: after five redirects it counts as missing


def _check_kind(answer: Answer) -> None:
    if not readable(answer.headers):
        kind = answer.headers["content-type"].partition(";")[0][:80]
        raise ExchangeError(Problem.CONTENT, f"This is not a page but {kind}.")


def _pause(retry_after: str) -> float:
    """Return the seconds of a Retry-After; a date is taken as long."""
    asked = retry_after.strip()
    return float(asked) if asked.isascii() and asked.isdigit() else 60.0 if asked else 2.0


def _failed(text: str, chain: list[Hop], problem: Problem, words: str, started: float) -> Page:
    last = chain[-1] if chain else Hop("", 0)
    return Page(
        url=text, final_url=last.url, chain=tuple(chain), status=last.status, problem=problem,
        words=words, seconds=time.monotonic() - started,
    )  # fmt: skip
