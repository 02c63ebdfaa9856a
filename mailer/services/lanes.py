"""Lanes: many servers at once in threads, slow ones apart, so that none holds up another.

A server that answers a byte a second costs no work, only a thread that waits. Threads are
bounded, so slow servers must not be able to take them all: what is known to be slow starts
in a lane of its own, and what turns out to be slow is moved there while it runs. It keeps
its thread and gives up its place.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

T = TypeVar("T")
# How often the caller looks at who waits for whom, in seconds.
TICK = 0.1


class Waiting:
    """A clock that runs while a pass waits for its server; other threads may read it."""

    def __init__(self, *, slow: bool = False) -> None:
        self.slow = slow
        self.longest = 0.0
        self._sum = 0.0
        self._since: float | None = None

    def __enter__(self) -> Self:
        """Begin to wait."""
        self._since = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop waiting."""
        since, self._since = self._since, None
        self._sum += time.monotonic() - (since or time.monotonic())
        self.longest = max(self.longest, self._sum)

    def restart(self) -> None:
        """Begin anew: an e-mail went through, or a batch was read."""
        self._sum = 0.0

    @property
    def seconds(self) -> float:
        """How long it has waited since it began anew, until this moment."""
        since = self._since
        return self._sum + (time.monotonic() - since if since else 0.0)


@dataclass(frozen=True)
class Job:
    """One mailbox's turn; `slow` when its server was slow lately."""

    mailbox_id: int
    slow: bool = False


@dataclass
class _Running(Generic[T]):
    job: Job
    waiting: Waiting
    future: Future[T] = field(init=False)


@dataclass(frozen=True)
class Width:
    """How many turns at once: prompt ones, slow ones, and those that turned slow on the way."""

    prompt: int
    slow: int
    spill: int

    @property
    def threads(self) -> int:
        """All of them together."""
        return self.prompt + self.slow + self.spill


class Lanes(Generic[T]):
    """The threads of one process for one kind of work, shared by all calls.

    Args:
        name: of the threads.
        width: how many turns at once.
        patience: seconds a turn may wait for its server before it counts as slow.
        work: does one turn; it runs the `Waiting` clock while it waits.
        note: is told, from the turn's own thread, whether the turn was slow.
    """

    def __init__(
        self,
        name: str,
        *,
        width: Width,
        patience: float,
        work: Callable[[Job, Waiting], T],
        note: Callable[[Job, bool], None],
    ) -> None:
        self.width, self.patience = width, patience
        self._work, self._note = work, note
        self._pool = ThreadPoolExecutor(max_workers=width.threads, thread_name_prefix=name)
        self._running: list[_Running[T]] = []
        self._lock = threading.Lock()

    def run(self, jobs: Iterable[Job], *, budget: float) -> list[T]:
        """Do the jobs; returns the results of those that ended meanwhile.

        The call ends when no prompt job is left, or after `budget` seconds: what is slow
        goes on in the background, and what was not begun is left to the next call.
        """
        prompt = deque(job for job in jobs if not job.slow)
        slow = deque(job for job in jobs if job.slow)
        mine: list[_Running[T]] = []
        deadline = time.monotonic() + budget
        while True:
            mine += self._start(prompt, slow)
            open_ones = [one for one in mine if not one.waiting.slow and not one.future.done()]
            left = deadline - time.monotonic()
            if left <= 0 or not (prompt or open_ones):
                break
            running = [one.future for one in self._now_running()]
            wait(running, timeout=min(TICK, left), return_when=FIRST_COMPLETED)
        return [one.future.result() for one in mine if one.future.done()]

    def _start(self, prompt: deque[Job], slow: deque[Job]) -> list[_Running[T]]:
        """Start what there is room for; returns it."""
        with self._lock:
            self._sort_out()
            busy_slow = sum(1 for one in self._running if one.waiting.slow)
            room = self.width.threads - len(self._running)
            free_prompt = min(room, self.width.prompt - (len(self._running) - busy_slow))
            started = self._begin(prompt, free_prompt)
            free_slow = min(room - len(started), self.width.slow - busy_slow)
            return [*started, *self._begin(slow, free_slow)]

    def _sort_out(self) -> None:
        """Forget what has ended, and move what has waited too long out of the prompt lane."""
        self._running = [one for one in self._running if not one.future.done()]
        for one in self._running:
            if one.waiting.seconds > self.patience:
                one.waiting.slow = True

    def _begin(self, jobs: deque[Job], places: int) -> list[_Running[T]]:
        begun: list[_Running[T]] = []
        while jobs and len(begun) < places:
            job = jobs.popleft()
            one: _Running[T] = _Running(job, Waiting(slow=job.slow))
            one.future = self._pool.submit(self._turn, one)
            self._running.append(one)
            begun.append(one)
        return begun

    def _turn(self, one: _Running[T]) -> T:
        try:
            return self._work(one.job, one.waiting)
        finally:
            self._note(one.job, one.waiting.longest > self.patience)
            connections.close_all()

    def _now_running(self) -> list[_Running[T]]:
        with self._lock:
            return [one for one in self._running if not one.future.done()]
