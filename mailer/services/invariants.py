"""What must always hold of the outbox, looked at row by row: nightly, in CI, and under fire."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from compliance.counters import Slot
from compliance.models import SendCounter
from mailer.enums import EventKind, MessageStatus
from mailer.models import Message, MessageEvent, OutboxCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

# What workers and reapers take care of within minutes is not broken before this.
PATIENCE = timedelta(minutes=30)
# Caps count days and hours; older counters are only waiting to be pruned.
COUNTED = timedelta(days=2)
ROWS_NAMED = 20
KEPT = 400
# A counter and its messages are read one after the other while workers go on.
_TRIES = 4
_IN_FLIGHT = (MessageStatus.CLAIMED, MessageStatus.HANDING_OVER)
_AT_REST = (
    MessageStatus.DRAFT,
    MessageStatus.QUEUED,
    MessageStatus.BLOCKED,
    MessageStatus.CANCELLED,
)


@dataclass(frozen=True)
class Finding:
    """A broken invariant: which, how many rows break it, and some of them."""

    rule: str
    count: int
    rows: list[str]


@dataclass
class OutboxReport:
    """What a check saw."""

    messages: int = 0
    states: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How many rows break an invariant."""
        return sum(finding.count for finding in self.findings)


_others: list[Callable[[datetime], Iterable[Finding]]] = []


def also_check(check: Callable[[datetime], Iterable[Finding]]) -> None:
    """Have an app above ask its own questions; `check` gets the moment before which to look."""
    if check not in _others:
        _others.append(check)


def check_outbox(now: datetime | None = None, *, patience: timedelta = PATIENCE) -> OutboxReport:
    """Look at every invariant and return what breaks it; changes nothing.

    Args:
        now: the moment to look at; the clock when not given.
        patience: what is younger may still be in a worker's hands. Zero where none runs.
    """
    now = now or timezone.now()
    report = OutboxReport(Message.objects.count(), _states())
    report.findings += _broken_rows(now - patience, now)
    report.findings += _broken_counters(now)
    for check in _others:
        report.findings += check(now - patience)
    return report


def record_check(now: datetime | None = None) -> OutboxCheck:
    """Check, keep the result for operators, and say so loudly when something is broken."""
    started = time.monotonic()
    report = check_outbox(now)
    row = OutboxCheck.objects.create(
        at=now or timezone.now(),
        seconds=round(time.monotonic() - started, 3),
        messages=report.messages,
        states=report.states,
        broken=report.broken,
        findings=[asdict(finding) for finding in report.findings],
    )
    old = OutboxCheck.objects.order_by("-at", "-pk").values_list("pk", flat=True)[KEPT:]
    OutboxCheck.objects.filter(pk__in=list(old)).delete()
    if report.broken:
        log.error("outbox_broken", rules=[finding.rule for finding in report.findings])
    return row


def found(
    rule: str, rows: QuerySet[Any], name: Callable[[Any], str] | None = None
) -> list[Finding]:
    """Return the finding that these rows are, none when there are none."""
    some: list[Any] = list(rows.order_by("pk")[:ROWS_NAMED])
    if not some:
        return []
    count = len(some) if len(some) < ROWS_NAMED else rows.count()
    return [Finding(rule, count, [name(row) if name else _name(row) for row in some])]


def _name(message: Message) -> str:
    return f"message {message.pk} ({message.status})"


def _states() -> dict[str, int]:
    rows = Message.objects.order_by().values_list("status").annotate(number=Count("pk"))
    return dict(rows.order_by("status"))


def _broken_rows(before: datetime, now: datetime) -> list[Finding]:
    every = Message.objects.all()
    sent = every.filter(status=MessageStatus.SENT)
    told = MessageEvent.objects.filter(message=OuterRef("pk"), kind=EventKind.SENT)
    nobodys = Q(claimed_by="") | Q(claimed_at=None) | Q(claimed_fence=None)
    rules = {
        "Every message has a known status": every.exclude(status__in=MessageStatus.values),
        "Nothing is sent without a server’s reply and its time": sent.filter(
            Q(smtp_reply="") | Q(sent_at=None)
        ),
        "Nothing is in a worker’s hands that holds no lease": every.abandoned(now).filter(
            claimed_at__lte=before
        ),
        "Whatever is in hand is somebody’s": every.filter(nobodys, status__in=_IN_FLIGHT),
        "What waits or has ended is nobody’s": every.filter(status__in=_AT_REST).exclude(
            claimed_by=""
        ),
        "What waits or has ended holds no cap slots": every.filter(status__in=_AT_REST).exclude(
            reservations=[]
        ),
        "What was stopped does not wait again": every.filter(status=MessageStatus.QUEUED).exclude(
            recalled=""
        ),
        "Every sent message was announced": sent.filter(announced=False, sent_at__lte=before),
        "Only sent messages were announced": every.filter(announced=True).exclude(
            status=MessageStatus.SENT
        ),
        "Every announced message has its event": sent.filter(~Exists(told), announced=True),
    }
    findings = [finding for rule, rows in rules.items() for finding in found(rule, rows)]
    return findings + _told_twice()


def _told_twice() -> list[Finding]:
    twice = (
        MessageEvent.objects.filter(kind=EventKind.SENT)
        .order_by()
        .values("message")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
        .values("message")
    )
    rows = Message.objects.filter(pk__in=twice)
    return found("No message has two events of being sent", rows)


def _broken_counters(now: datetime) -> list[Finding]:
    """Compare each counter with the messages it counts, until both were read in peace."""
    suspects: set[Slot] | None = None
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(0.2)
        used, held = _used(now), _held(now)
        wrong = {slot for slot in used.keys() | held.keys() if used[slot] != held[slot]}
        suspects = wrong if suspects is None else suspects & wrong
        if not suspects:
            return []
    words = [
        f"{slot.scope} {slot.key} from {slot.period:%Y-%m-%d %H:%M}: says {used[slot]},"
        f" messages hold {held[slot]}"
        for slot in sorted(suspects or ())
    ]
    rule = "Every cap counter is what the messages hold"
    return [Finding(rule, len(words), words[:ROWS_NAMED])]


def _used(now: datetime) -> Counter[Slot]:
    rows = SendCounter.objects.filter(period__gte=now - COUNTED, used__gt=0)
    return Counter(
        {
            Slot(scope, key, period): used
            for scope, key, period, used in rows.values_list("scope", "key", "period", "used")
        }
    )


def _held(now: datetime) -> Counter[Slot]:
    since = now - COUNTED
    lately = Q(claimed_at__gte=since) | Q(claimed_at=None)
    counted = Message.objects.filter(~Q(spent=[]) | ~Q(reservations=[]) & lately)
    total: Counter[Slot] = Counter()
    for reservations, spent in counted.values_list("reservations", "spent").iterator(2000):
        for row in (*reservations, *spent):
            period = datetime.fromisoformat(row["period"])
            if period >= since:
                total[Slot(row["scope"], row["key"], period)] += 1
    return total
