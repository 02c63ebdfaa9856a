"""Looks at linking pages: reads them, judges them, and follows what could settle a doubt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from directory.pages.verdicts import judge
from integrations.crawler.crawl import PATIENCE, crawl
from integrations.crawler.pages import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directory.pages.verdicts import Finding
    from directory.pages.wishes import Wish
    from integrations.crawler.doors import Doors
    from integrations.crawler.pages import Page

_ROUNDS = 3  # the page itself, what it points on to, and once more
_FOLLOWED = 4  # addresses one page's doubts may cost a round


@dataclass(frozen=True)
class Look:
    """One page to look at, and the link it should hold; `key` is the caller's own."""

    key: int
    url: str
    wish: Wish


@dataclass
class _Case:
    """A look on its way: what has been read for it, and what is still awaited."""

    look: Look
    awaited: set[str]
    page: Page | None = None
    further: dict[str, Page] = field(default_factory=dict)

    def take(self, page: Page) -> None:
        """Keep a page that was read for this look."""
        self.awaited.discard(page.url)
        if self.page is None:
            self.page = page
        else:
            self.further[page.url] = page

    def judge(self) -> tuple[Finding, list[str]]:
        """Return the finding so far, and the addresses that could settle it."""
        assert self.page is not None  # noqa: S101  # judged only after the first page
        finding = judge(self.page, self.look.wish, self.further)
        return finding, [url for url in finding.follow if url not in self.further][:_FOLLOWED]


def look_at(
    looks: Iterable[Look], *, doors: Doors | None = None, patience: float = PATIENCE
) -> Iterator[tuple[Look, Finding]]:
    """Read pages, many at once, and yield each look with its finding as it is settled.

    A page that several looks share is read once. Call it outside a transaction.

    Args:
        looks: the pages and their links.
        doors: where the crawler may go; as the operator has set when not given.
        patience: seconds a page may wait for its host's turn.
    """
    cases = [_Case(look, {look.url}) for look in looks]
    for left in reversed(range(_ROUNDS)):
        doubtful: list[_Case] = []
        for case in _read(cases, doors, patience):
            finding, unread = case.judge()
            if left and unread:
                case.awaited = set(unread)
                doubtful.append(case)
            else:
                yield case.look, finding
        cases = doubtful


def _read(cases: list[_Case], doors: Doors | None, patience: float) -> Iterator[_Case]:
    """Read what the cases await; yield each when all of its pages are there."""
    waiting: defaultdict[str, list[_Case]] = defaultdict(list)
    for case in cases:
        for url in case.awaited:
            waiting[url].append(case)
    for page in crawl(sorted(waiting), doors=doors, patience=patience):
        for case in waiting[page.url]:
            case.take(page)
            if not case.awaited:
                yield case


def was_busy(finding: Finding) -> bool:
    """Return whether the page was not even asked for, because its host had no turn left."""
    return finding.page.problem == Problem.BUSY
