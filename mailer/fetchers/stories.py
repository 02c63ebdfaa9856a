"""All fetches of one message read together: what each was, and why.

A person and a scanner send the same request; what tells them apart is often the other
requests: how soon, how many at once, and from where. A later fetch can therefore change
the verdict on an earlier one, never from machine back to person.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailer.enums import AgentClass, EventKind
from mailer.fetchers import programs
from mailer.fetchers.networks import is_data_centre
from mailer.fetchers.programs import Sort

DELIVERY = 8.0  # seconds after sending in which only scanners are this quick
NEAR_DELIVERY = 60.0
LINKS_AT_ONCE = ((2, 2.0), (3, 10.0))  # so many different links in so many seconds
MESSAGES_AT_ONCE = (5, 10.0)  # one network, links of so many messages in so many seconds
_TOGETHER = 1.0  # seconds between picture and link
_COMPANY = 60.0  # seconds within which one network's fetches share a named scanner's fate
_PROGRAMS = frozenset(
    {Sort.NONE, Sort.SCANNER, Sort.PREVIEW, Sort.ROBOT, Sort.LIBRARY, Sort.PRIVACY}
)
_TRAP = "it followed the link that no person sees"


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request for the picture or a link of a message.

    Args:
        kind: opened, clicked or trapped.
        at: seconds since the message was sent; negative before that was written down.
        agent: the User-Agent header.
        link: which link, by index.
        network: as `network_of` gives it; "" when unknown.
        method: GET or HEAD.
        hints: a letter for each thing its headers showed: p a prefetch, l a language
            asked for, m the mode of fetching told (Sec-Fetch-Mode), s over https.
        busy: its network fetched links of many messages at that moment.
    """

    kind: str
    at: float
    agent: str
    link: int = 0
    network: str = ""
    method: str = "GET"
    hints: str = ""
    busy: bool = False

    @property
    def source(self) -> str:
        """Who fetched, as far as two fetches can be told to be of one."""
        return self.network or f"agent {self.agent}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who fetched, and why we think so."""

    agent: AgentClass
    reasons: tuple[str, ...]


def tell_apart(fetches: Sequence[Fetch], *, tracks_opens: bool = True) -> list[Verdict]:
    """Return the verdict on each fetch of one message, in their order.

    Args:
        fetches: all of them, in any order.
        tracks_opens: whether the message carries a picture at all.
    """
    story = _Story(fetches, tracks_opens=tracks_opens)
    found = []
    for number, one in enumerate(fetches):
        reasons = _own_signs(one) + story.signs(number, one)
        found.append(_verdict(one, reasons or _with_others(one, fetches)))
    return found


class _Story:
    """What can be seen of one fetch only by looking at all of them."""

    def __init__(self, fetches: Sequence[Fetch], *, tracks_opens: bool) -> None:
        self._trapped = {one.source for one in fetches if one.kind == EventKind.TRAPPED}
        self._hasty = _many_links(fetches)
        self._scanners = _named_scanners(fetches)
        self._tracks_opens = tracks_opens
        self._first_open = _first_open(fetches)

    def signs(self, number: int, one: Fetch) -> list[str]:
        """Return the reasons the others give to take this fetch for a machine's."""
        reasons = []
        if one.source in self._trapped:
            reasons.append(_TRAP)
        if number in self._hasty:
            reasons.append("several links within seconds")
        if any(abs(at - one.at) <= _COMPANY for at in self._scanners.get(one.network, ())):
            reasons.append("a scanner of the same network at the same time")
        if self._unread(one) and is_data_centre(one.network):
            reasons.append("followed from a data centre before anyone opened the e-mail")
        return reasons

    def _unread(self, one: Fetch) -> bool:
        if one.kind != EventKind.CLICKED or not self._tracks_opens:
            return False
        return self._first_open is None or one.at < self._first_open


def _verdict(one: Fetch, reasons: list[str]) -> Verdict:
    if reasons:
        return Verdict(AgentClass.MACHINE, tuple(reasons))
    sort = programs.sort_of(one.agent)
    known = AgentClass.HUMAN if sort == Sort.BROWSER else AgentClass.UNKNOWN
    return Verdict(known, (programs.REASONS[sort],))


def _own_signs(one: Fetch) -> list[str]:
    """Return what a fetch shows by itself."""
    reasons = []
    sort = programs.sort_of(one.agent)
    if sort in _PROGRAMS:
        reasons.append(programs.REASONS[sort])
    elif sort == Sort.PROXY and one.kind != EventKind.OPENED:
        reasons.append("an image proxy following a link")
    if "p" in one.hints:
        reasons.append("a prefetch")
    if one.method == "HEAD":
        reasons.append("a request without content")
    if one.at < DELIVERY:
        reasons.append("within seconds of sending")
    if one.busy:
        reasons.append("its network followed links of many e-mails within seconds")
    if not reasons:
        reasons = _weak_signs(one, sort)
    return reasons


def _weak_signs(one: Fetch, sort: Sort) -> list[str]:
    """Return the small signs when there are two of them; one alone proves nothing."""
    if sort != Sort.BROWSER:
        return []
    signs = []
    if is_data_centre(one.network):
        if one.at < NEAR_DELIVERY:
            return ["from a data centre within a minute of sending"]
        signs.append("from a data centre")
    if programs.is_old(one.agent):
        signs.append("a browser years out of date")
    if "l" not in one.hints and one.kind != EventKind.OPENED:
        signs.append("no language asked for")
    if "s" in one.hints and "m" not in one.hints and programs.tells_mode(one.agent):
        signs.append("headers that this browser always sends are missing")
    return signs if len(signs) > 1 else []


def _many_links(fetches: Sequence[Fetch]) -> set[int]:
    """Return the numbers of the clicks of sources that followed many links at once."""
    by_source: dict[str, list[tuple[float, int, int]]] = defaultdict(list)
    for number, one in enumerate(fetches):
        if one.kind == EventKind.CLICKED:
            by_source[one.source].append((one.at, one.link, number))
    found: set[int] = set()
    for rows in by_source.values():
        for links, seconds in LINKS_AT_ONCE:
            found |= crowded(rows, many=links, seconds=seconds)
    return found


def crowded(rows: Iterable[tuple[float, int, int]], *, many: int, seconds: float) -> set[int]:
    """Return the names of those rows that fall in a span with `many` different values.

    Args:
        rows: (moment, value, name) each.
        many: how many different values make a crowd.
        seconds: length of the span.
    """
    ordered = sorted(rows)
    found: set[int] = set()
    low = 0
    inside: dict[int, int] = defaultdict(int)
    for high, (at, value, _) in enumerate(ordered):
        inside[value] += 1
        while at - ordered[low][0] > seconds:
            gone = ordered[low][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            low += 1
        if len(inside) >= many:
            found.update(name for _, _, name in ordered[low : high + 1])
    return found


def _named_scanners(fetches: Sequence[Fetch]) -> dict[str, list[float]]:
    """Return when scanners that give their name, or only look (HEAD), came, by network."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in fetches:
        named = programs.sort_of(one.agent) in {Sort.SCANNER, Sort.ROBOT, Sort.LIBRARY}
        if one.network and (named or one.method == "HEAD"):
            found[one.network].append(one.at)
    return found


def _first_open(fetches: Sequence[Fetch]) -> float | None:
    opens = (one.at for one in fetches if one.kind == EventKind.OPENED and not _own_signs(one))
    return min(opens, default=None)


def _with_others(one: Fetch, fetches: Sequence[Fetch]) -> list[str]:
    """Return whether picture and link were fetched as one, right after delivery."""
    if one.at > NEAR_DELIVERY or one.kind == EventKind.TRAPPED:
        return []
    together = any(
        other.kind not in {one.kind, EventKind.TRAPPED}
        and other.source == one.source
        and abs(other.at - one.at) <= _TOGETHER
        for other in fetches
    )
    return ["picture and link within a second, right after sending"] if together else []
