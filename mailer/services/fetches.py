"""Stores visits of pictures and links in batches, and keeps what follows from them true.

The first opening and the first click of a message are the earliest by anyone but a
machine. Every batch reads the whole story of each message it touches again, so a later
fact (the hidden link followed, many links at once) changes earlier verdicts, and the
firsts and all figures drawn from them change with it, in the same transaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from mailer.enums import AgentClass, EventKind
from mailer.fetchers import Fetch, network_of, tell_apart
from mailer.fetchers.stories import MESSAGES_AT_ONCE, Verdict, crowded
from mailer.models import Message, MessageEvent
from mailer.signals import messages_touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A story is read as far as this; who fetches a message more often is a machine.
STORY = 300
_FLOOD = Verdict(AgentClass.MACHINE, (f"after {STORY} fetches of one e-mail",))
_NEIGHBOURS = 5000
_MAX_AGENT = 300
_END_OF_TIME = 253_402_300_800.0  # the year 10000, in seconds since 1970
_LETTER_OF = {EventKind.OPENED: "o", EventKind.CLICKED: "c", EventKind.TRAPPED: "t"}
_KIND_OF = {letter: kind for kind, letter in _LETTER_OF.items()}


class Visit(NamedTuple):
    """One request for the picture or a link of a message, as it was answered."""

    agency_id: int
    message_id: int
    kind: EventKind
    link: int
    at: float
    method: str
    address: str
    agent: str
    hints: str

    def line(self) -> bytes:
        """Return the visit as a line of the spool."""
        row = [self[0], self[1], _LETTER_OF[self.kind], *self[3:]]
        return json.dumps(row, separators=(",", ":")).encode()

    @classmethod
    def from_line(cls, line: bytes) -> Visit:
        """Read a visit back; raises `ValueError` for what `line` did not make."""
        try:
            agency, message, letter, link, at, method, address, agent, hints = json.loads(line)
            kind = _KIND_OF[letter]
            moment = float(at)
        except (TypeError, KeyError) as error:
            raise ValueError from error
        if not 0 < moment < _END_OF_TIME:
            raise ValueError(at)
        numbers = (int(agency), int(message), kind, int(link), moment)
        # PostgreSQL takes no NUL, and no browser sends one.
        said = [str(one).replace("\x00", "") for one in (method, address, agent, hints)]
        return cls(*numbers, said[0], said[1], said[2][:_MAX_AGENT], said[3][:8])


class FirstChange(NamedTuple):
    """A message's first opening or click as it was and as it is now; None for never."""

    message_id: int
    agency_id: int
    figure: str
    old: datetime | None
    new: datetime | None


@dataclass(slots=True)
class _Row:
    """One fetch of a story, stored (`pk`) or new."""

    kind: EventKind
    at: datetime
    agent: str
    link: int
    network: str
    method: str
    hints: str
    busy: bool = False
    pk: int | None = None
    url: str = ""
    verdict: Verdict | None = None
    nth: int = 0
    erased: bool = False

    def fetch(self, sent_at: datetime | None) -> Fetch:
        """Return it as the stories know it."""
        since = (self.at - sent_at).total_seconds() if sent_at else 0.0
        return Fetch(
            kind=self.kind,
            at=since,
            agent=self.agent,
            link=self.link,
            network=self.network,
            method=self.method,
            hints=self.hints,
            busy=self.busy,
        )

    def evidence(self) -> str:
        """Return what is kept of why, as JSON."""
        kept: dict[str, Any] = {"user_agent": self.agent, "link": self.link}
        if self.method != "GET":
            kept["method"] = self.method
        if self.hints:
            kept["hints"] = self.hints
        if self.busy:
            kept["busy"] = True
        if self.verdict:
            kept["why"] = list(self.verdict.reasons)
        return json.dumps(kept)


@dataclass(slots=True)
class _Story:
    """A message and its fetches."""

    pk: int
    agency_id: int
    links: list[str]
    sent_at: datetime | None
    track_opens: bool
    opened_at: datetime | None
    clicked_at: datetime | None
    old: list[_Row] = field(default_factory=list)
    new: list[_Row] = field(default_factory=list)
    changed: list[_Row] = field(default_factory=list)

    def tell(self) -> None:
        """Reach the verdicts anew, and note which stored ones have changed."""
        room = max(0, STORY - len(self.old))
        # Of a person who was erased only the verdicts are left; they stand.
        told = [row for row in self.old if not row.erased] + self.new[:room]
        fetches = [row.fetch(self.sent_at) for row in told]
        verdicts = tell_apart(fetches, tracks_opens=self.track_opens)
        for number, (row, verdict) in enumerate(zip(told, verdicts, strict=True), start=1):
            # Once a machine, always one: what proved it may lie past the story's end.
            was = row.verdict
            if was and was.agent == AgentClass.MACHINE != verdict.agent:
                continue
            if row.pk is not None and (was is None or was.agent != verdict.agent):
                self.changed.append(row)
            row.verdict = verdict
            row.nth = number
        for row in self.new[room:]:
            row.verdict, row.nth = _FLOOD, STORY + 1

    def first(self, kinds: set[EventKind]) -> datetime | None:
        """Return the earliest fetch of these kinds by anyone but a machine."""
        return min(
            (
                row.at
                for row in (*self.old, *self.new)
                if row.kind in kinds and row.verdict and row.verdict.agent != AgentClass.MACHINE
            ),
            default=None,
        )


# A click proves that the mail was opened: many programs load no pictures.
_FIRSTS = {
    "opened": {EventKind.OPENED, EventKind.CLICKED},
    "clicked": {EventKind.CLICKED},
}


@transaction.atomic
def record_visits(visits: Sequence[Visit]) -> int:
    """Store visits and what follows from them; returns how many were of known messages.

    A message that is gone, or is another agency's, and a link it never had are left out.
    The number of queries does not grow with the visits.
    """
    rows = _rows_of(visits)
    crowd = _busy(rows)
    stories = _stories({pk for _, pk, _ in rows} | crowd.messages)
    known = 0
    for number, (agency_id, pk, row) in enumerate(rows):
        story = stories.get(pk)
        if story is None or story.agency_id != agency_id or not _belongs(story, row):
            continue
        row.busy = number in crowd.rows
        story.new.append(row)
        known += 1
    _read_history(stories, crowd.events)
    for story in stories.values():
        story.tell()
    _store(stories.values())
    _settle_firsts(stories.values())
    return known


def _rows_of(visits: Sequence[Visit]) -> list[tuple[int, int, _Row]]:
    return [
        (
            visit.agency_id,
            visit.message_id,
            _Row(
                kind=visit.kind,
                at=datetime.fromtimestamp(visit.at, UTC),
                agent=visit.agent,
                link=visit.link,
                network=network_of(visit.address),
                method=visit.method,
                hints=visit.hints,
            ),
        )
        for visit in visits
    ]


def _belongs(story: _Story, row: _Row) -> bool:
    if row.kind != EventKind.CLICKED:
        return True
    if not 0 <= row.link < len(story.links):
        return False
    row.url = story.links[row.link]
    return True


class _Crowd(NamedTuple):
    """The clicks that came while their network followed links of many messages."""

    rows: set[int]  # numbers of new ones
    events: set[int]  # keys of stored ones
    messages: set[int]  # whose they are


def _busy(rows: Sequence[tuple[int, int, _Row]]) -> _Crowd:
    many, seconds = MESSAGES_AT_ONCE
    clicks: dict[tuple[int, str], list[tuple[float, int, int]]] = defaultdict(list)
    for number, (agency_id, pk, row) in enumerate(rows):
        if row.kind == EventKind.CLICKED and row.network:
            # New rows are named by negative numbers, stored ones by their keys.
            clicks[agency_id, row.network].append((row.at.timestamp(), pk, -number - 1))
    if not clicks:
        return _Crowd(set(), set(), set())
    message_of: dict[int, int] = {}
    for agency_id, network, at, pk, event in _neighbours(clicks, seconds):
        if (agency_id, network) in clicks:
            clicks[agency_id, network].append((at.timestamp(), pk, event))
            message_of[event] = pk
    named = set[int]().union(
        *(crowded(group, many=many, seconds=seconds) for group in clicks.values())
    )
    events = {name for name in named if name > 0}
    return _Crowd(
        {-name - 1 for name in named if name < 0}, events, {message_of[one] for one in events}
    )


def _neighbours(
    clicks: dict[tuple[int, str], list[tuple[float, int, int]]], seconds: float
) -> Iterable[tuple[int, str, datetime, int, int]]:
    moments = [at for group in clicks.values() for at, _, _ in group]
    low = datetime.fromtimestamp(min(moments) - seconds, UTC)
    high = datetime.fromtimestamp(max(moments) + seconds, UTC)
    return (
        MessageEvent.objects.filter(
            agency__in={agency for agency, _ in clicks},
            network__in={network for _, network in clicks},
            kind=EventKind.CLICKED,
            at__range=(low, high),
        )
        .order_by("-at", "-pk")
        .values_list("agency_id", "network", "at", "message_id", "pk")[:_NEIGHBOURS]
    )


def _stories(keys: Iterable[int]) -> dict[int, _Story]:
    columns = ("agency_id", "links", "sent_at", "track_opens", "opened_at", "clicked_at")
    rows = Message.objects.filter(pk__in=keys).order_by("pk").values_list("pk", *columns)
    return {row[0]: _Story(*row) for row in rows}


def _read_history(stories: dict[int, _Story], busy: set[int]) -> None:
    rows = (
        MessageEvent.objects.filter(
            Q(nth__lte=STORY) | Q(pk__in=busy), message__in=stories, nth__gt=0
        )
        .order_by("message", "nth", "pk")
        .values_list("message_id", "pk", "kind", "at", "url", "agent", "evidence", "network")
    )
    for message, pk, kind, at, url, agent, evidence, network in rows:
        row = _Row(
            kind=EventKind(kind),
            at=at,
            agent=str(evidence.get("user_agent", "")),
            link=int(evidence.get("link", 0)),
            network=network,
            method=str(evidence.get("method", "GET")),
            hints=str(evidence.get("hints", "")),
            busy=bool(evidence.get("busy")) or pk in busy,
            pk=pk,
            url=url,
            verdict=Verdict(AgentClass(agent), tuple(evidence.get("why", ()))),
            erased="user_agent" not in evidence,
        )
        stories[message].old.append(row)


_COLUMNS = (
    "agency_id", "message_id", "kind", "at", "url", "agent", "evidence", "network", "nth",
)  # fmt: skip


def _store(stories: Iterable[_Story]) -> None:
    """Insert the new rows, and write down the verdicts that changed."""
    fresh, changed = [], []
    for story in stories:
        for row in story.new:
            assert row.verdict is not None  # noqa: S101  # every row was told
            agent = row.verdict.agent.value
            fresh.append(
                (story.agency_id, story.pk, row.kind.value, row.at, row.url, agent,
                 row.evidence(), row.network, row.nth)
            )  # fmt: skip
        for row in story.changed:
            assert row.verdict is not None  # noqa: S101  # every row was told
            changed.append((row.verdict.agent.value, row.evidence(), row.pk))
    _insert(fresh)
    if changed:
        table = connection.ops.quote_name(MessageEvent._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET agent = %s, evidence = %s WHERE id = %s",  # noqa: S608  # our own names
                changed,
            )


def _insert(rows: list[tuple[Any, ...]]) -> None:
    """Insert events; COPY where there is one, a third of what executemany costs."""
    if not rows:
        return
    table = connection.ops.quote_name(MessageEvent._meta.db_table)
    names = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(_COLUMNS))
        adapt = connection.ops.adapt_datetimefield_value
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608  # our own names
            [(*row[:3], adapt(row[3]), *row[4:]) for row in rows],
        )


def _settle_firsts(stories: Iterable[_Story]) -> None:
    """Put the firsts where the verdicts say, and tell the other apps what has changed."""
    changes, rows = [], []
    for story in stories:
        if not story.new and not story.changed:
            continue
        firsts = {name: story.first(kinds) for name, kinds in _FIRSTS.items()}
        found = [
            FirstChange(story.pk, story.agency_id, name, getattr(story, f"{name}_at"), new)
            for name, new in firsts.items()
            if getattr(story, f"{name}_at") != new
        ]
        if found:
            changes += found
            rows.append((firsts["opened"], firsts["clicked"], story.pk))
    if not rows:
        return
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET opened_at = %s, clicked_at = %s WHERE id = %s",  # noqa: S608  # our own names
            [(adapt(opened), adapt(clicked), pk) for opened, clicked, pk in rows],
        )
    messages_touched.send(sender=Message, changes=changes)
