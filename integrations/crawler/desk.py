"""Where a crawl's coroutines ask the database, which only answers between their steps.

The event loop and the ORM share one thread: the loop runs until something is asked or
read, then it stands still while the rows are read and written, for all who asked at once.
So a crawl uses its caller's connection, and two thousand pages cost few statements.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from django.utils import timezone

from integrations.crawler import turns
from integrations.crawler.robots import good_until
from integrations.models import RobotsFile

if TYPE_CHECKING:
    from integrations.crawler.pages import Page

# Seconds that questions are collected for: what comes within shares a statement.
_COLLECT = 0.004

Robots = tuple[int, str]


class Desk:
    """The questions, the facts to write down and the pages of one crawl."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self._turns: dict[tuple[str, str], asyncio.Future[float]] = {}
        self._rests: list[tuple[str, str, float]] = []
        self._robots: dict[str, list[asyncio.Future[Robots | None]]] = {}
        self._read: dict[str, Robots] = {}
        self._bell = asyncio.Event()

    # The coroutines' side ----------------------------------------------------------------

    async def ask_turn(self, host: str, holder: str) -> float:
        """Take a host's turn; return 0, or the seconds it is still away."""
        future = asyncio.get_running_loop().create_future()
        self._turns[host, holder] = future
        self._bell.set()
        return float(await future)

    def give_back(self, host: str, holder: str, rest: float) -> None:
        """End a turn; the host rests for so many seconds."""
        self._rests.append((host, holder, rest))
        self._bell.set()

    async def ask_robots(self, origin: str) -> Robots | None:
        """Return the remembered answer to an origin's robots.txt, None where there is none."""
        future: asyncio.Future[Robots | None] = asyncio.get_running_loop().create_future()
        self._robots.setdefault(origin, []).append(future)
        self._bell.set()
        return await future

    def remember_robots(self, origin: str, status: int, body: str) -> None:
        """Write down what an origin's robots.txt said."""
        # PostgreSQL's text holds no NUL.
        self._read[origin] = (status, body.replace("\0", ""))
        self._bell.set()

    def deliver(self, page: Page) -> None:
        """Hand a page to whoever asked for the crawl."""
        self.pages.append(page)
        self._bell.set()

    # The database's side -----------------------------------------------------------------

    async def wait(self, crawl: asyncio.Future[None]) -> None:
        """Let the crawl run until the desk has something to do, or the crawl is done."""
        bell = asyncio.ensure_future(self._bell.wait())
        await asyncio.wait((bell, crawl), return_when=asyncio.FIRST_COMPLETED)
        bell.cancel()
        if not crawl.done():
            await asyncio.sleep(_COLLECT)

    def work(self) -> list[Page]:
        """Answer what was asked, write what was found, return the pages delivered."""
        self._bell.clear()
        self._write()
        self._answer_turns()
        self._answer_robots()
        pages, self.pages = self.pages, []
        return pages

    def _write(self) -> None:
        rests, self._rests = self._rests, []
        if rests:
            turns.give_back(rests)
        read, self._read = self._read, {}
        now = timezone.now()
        RobotsFile.objects.bulk_create(
            [
                RobotsFile(
                    origin=origin, status=status, body=body, fetched_at=now,
                    expires_at=good_until(status, now),
                )
                for origin, (status, body) in sorted(read.items())
            ],
            update_conflicts=True,
            unique_fields=["origin"],
            update_fields=["status", "body", "fetched_at", "expires_at"],
        )  # fmt: skip

    def _answer_turns(self) -> None:
        asked, self._turns = self._turns, {}
        # Two who want the same host: the first is served, the other asks again.
        wants: dict[str, str] = {}
        for host, holder in asked:
            wants.setdefault(host, holder)
        waits = turns.take(wants) if wants else {}
        for (host, holder), future in asked.items():
            wait = waits.get(host, 0.05) if wants[host] == holder else 0.05
            if not future.done():
                future.set_result(wait)
            elif wait == 0:
                turns.give_back([(host, holder, 0.0)])

    def _answer_robots(self) -> None:
        asked, self._robots = self._robots, {}
        if not asked:
            return
        rows = RobotsFile.objects.filter(origin__in=asked, expires_at__gt=timezone.now())
        known = {row.origin: (row.status, row.body) for row in rows}
        for origin, futures in asked.items():
            for future in futures:
                if not future.done():
                    future.set_result(known.get(origin))
