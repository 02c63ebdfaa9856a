"""The plan of days to come: what goes out when, from which mailbox, and why not sooner. Pure.

Each enrolment's next e-mail enters the queue of its mailbox (or of all) on the day its
wait is over and its window opens; each day empties the queues up to the caps; what was
sent puts the following step on a later day. Every e-mail is looked at once, so the work
is linear in e-mails.
"""

import datetime as dt
import zoneinfo
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.enums import Delay
from campaigns.rules import Rotation
from compliance.windows import add_business_days

HORIZON_DAYS = 60
# So many whose window has closed are looked at before a queue rests for the day.
_LATE = 500


@dataclass(frozen=True)
class StepPlan:
    """One step: its order, and the wait before it."""

    order: int
    wait: int
    business: bool


@dataclass(frozen=True)
class MailboxPlan:
    """One mailbox: what it may send on each day from today, and the seconds between two."""

    pk: int
    caps: Sequence[int]
    pace: float


@dataclass(frozen=True)
class Plan:
    """All a campaign's forecast depends on besides its enrolments."""

    now: dt.datetime
    zone: str
    days: frozenset[int]
    start: dt.time
    end: dt.time
    holidays: frozenset[dt.date]
    start_on: dt.date | None
    caps: Sequence[int]
    steps: Sequence[StepPlan]
    mailboxes: Sequence[MailboxPlan]
    # Why nothing goes now, whatever the queues say ("" when the campaign runs).
    standstill: Delay | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open enrolment: its next step, since or until when, and what holds it."""

    enrolment: int
    next_step: int
    due_at: dt.datetime
    mailbox: int | None
    zone: str
    # Known beforehand: paused, unresolved, in review, already queued.
    held: Delay | None = None
    skipped: frozenset[int] = frozenset()


@dataclass(slots=True)
class Predicted:
    """One unsent e-mail: when it should go, from where, and why not before."""

    enrolment: int
    step: int
    reason: Delay
    at: dt.datetime | None = None
    mailbox: int | None = None


@dataclass
class Forecast:
    """The days to come."""

    days: dict[dt.date, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    emails: list[Predicted] = field(default_factory=list)

    @property
    def reasons(self) -> dict[Delay, int]:
        """How many e-mails wait for which reason, most first."""
        counted = Counter(email.reason for email in self.emails)
        return dict(counted.most_common())

    @property
    def last_at(self) -> dt.datetime | None:
        """When the last e-mail within the horizon goes."""
        return max((email.at for email in self.emails if email.at), default=None)


@dataclass(slots=True)
class _Item:
    waiting: Waiting
    step: int
    due: dt.datetime
    reason: Delay
    mailbox: int | None


# Held without an end that could be predicted.
ENDLESS = frozenset({Delay.BY_HAND, Delay.UNRESOLVED, Delay.MAILBOX_AWAY, Delay.NO_MAILBOX})


def forecast(plan: Plan, waiting: Iterable[Waiting]) -> Forecast:
    """Return the days to come of one campaign."""
    return _Run(plan).result(waiting)


class _Run:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.today = plan.now.astimezone(zoneinfo.ZoneInfo(plan.zone)).date()
        self.forecast = Forecast()
        self.steps = {step.order: i for i, step in enumerate(plan.steps)}
        self.arriving: list[list[_Item]] = [[] for _ in range(HORIZON_DAYS)]
        self.own: dict[int, deque[_Item]] = {box.pk: deque() for box in plan.mailboxes}
        self.free: deque[_Item] = deque()
        self._hours: dict[tuple[str, dt.date], tuple[dt.datetime, dt.datetime]] = {}
        self._next: dict[tuple[int, int], int | None] = {}
        self._clocks: dict[int, dt.datetime] = {}
        self._paces = {box.pk: dt.timedelta(seconds=box.pace) for box in plan.mailboxes}
        self._open_from = self._open_days()

    def result(self, waiting: Iterable[Waiting]) -> Forecast:
        for one in waiting:
            self._admit(one)
        for day in range(HORIZON_DAYS):
            self._live(day)
        for item in (*self.free, *(item for queue in self.own.values() for item in queue)):
            self._never(item.waiting, item.step, Delay.BEYOND)
        return self.forecast

    # Days ---------------------------------------------------------------------------------

    def _open_days(self) -> list[int | None]:
        """For each day the first day from it on that is open, None past the horizon."""
        found: list[int | None] = [None] * HORIZON_DAYS
        ahead: int | None = None
        for day in reversed(range(HORIZON_DAYS)):
            date = self._date(day)
            started = self.plan.start_on is None or date >= self.plan.start_on
            if started and date.isoweekday() in self.plan.days and date not in self.plan.holidays:
                ahead = day
            found[day] = ahead
        return found

    def _date(self, day: int) -> dt.date:
        return self.today + dt.timedelta(days=day)

    def _window(self, zone: str, day: int) -> tuple[dt.datetime, dt.datetime]:
        date = self._date(day)
        if (zone, date) not in self._hours:
            tz = zoneinfo.ZoneInfo(zone)
            self._hours[zone, date] = (
                dt.datetime.combine(date, self.plan.start, tzinfo=tz).astimezone(dt.UTC),
                dt.datetime.combine(date, self.plan.end, tzinfo=tz).astimezone(dt.UTC),
            )
        return self._hours[zone, date]

    def _opening(self, zone: str, at: dt.datetime) -> tuple[int, dt.datetime] | None:
        """Return the first open day and moment from `at` on, None past the horizon."""
        first = (at.astimezone(zoneinfo.ZoneInfo(zone)).date() - self.today).days
        day = self._open_from[first] if 0 <= first < HORIZON_DAYS else None
        if first < 0:
            day = self._open_from[0]
        if day is not None and day == first and at >= self._window(zone, day)[1]:
            day = self._open_from[day + 1] if day + 1 < HORIZON_DAYS else None
        return None if day is None else (day, max(at, self._window(zone, day)[0]))

    # Queues -------------------------------------------------------------------------------

    def _admit(self, one: Waiting) -> None:
        step = self._following(one, one.next_step)
        if step is None:
            return
        if not self.plan.mailboxes:
            self._never(one, step, Delay.NO_MAILBOX)
        elif one.held in ENDLESS:
            self._never(one, step, one.held or Delay.BY_HAND)
        else:
            self._arrive(one, step)

    def _arrive(self, one: Waiting, step: int) -> None:
        mailbox = one.mailbox if one.mailbox in self.own else None
        due = max(one.due_at, self.plan.now)
        found = self._opening(one.zone, due)
        if found is None:
            self._never(one, step, Delay.BEYOND)
            return
        day, at = found
        reason = one.held or self.plan.standstill or self._why(one, at)
        self.arriving[day].append(_Item(one, step, at, reason, mailbox))

    def _why(self, one: Waiting, at: dt.datetime) -> Delay:
        if at <= self.plan.now:
            return Delay.READY
        start_on = self.plan.start_on
        if start_on and self.today < start_on:
            return Delay.START_DATE
        if one.next_step > self.plan.steps[0].order and one.due_at > self.plan.now:
            return Delay.WAIT
        return Delay.WINDOW

    def _following(self, one: Waiting, order: int) -> int | None:
        """Return the first step from `order` on that is not skipped."""
        for step in self.plan.steps:
            if step.order >= order and step.order not in one.skipped:
                return step.order
        return None

    def _never(self, one: Waiting, step: int, reason: Delay) -> None:
        """Note an e-mail that has no predictable time, and those that follow it."""
        following: int | None = step
        while following is not None:
            self.forecast.emails.append(Predicted(one.enrolment, following, reason))
            reason = Delay.AFTER
            following = self._following(one, following + 1)

    def _live(self, day: int) -> None:
        """Send what this day has room for."""
        for item in self.arriving[day]:
            queue = self.free if item.mailbox is None else self.own[item.mailbox]
            queue.append(item)
        if self._open_from[day] != day:
            return
        caps = {box.pk: box.caps[day] for box in self.plan.mailboxes}
        rotation = Rotation(caps, self.plan.caps[day])
        self._clocks = dict.fromkeys(caps, self.plan.now)
        for mailbox, queue in self.own.items():
            self._empty(queue, day, rotation, mailbox)
        self._empty(self.free, day, rotation, None)
        full = Delay.CAMPAIGN_CAP if rotation.total <= 0 else Delay.MAILBOX_CAP
        self._delay(self.arriving[day], full)

    def _empty(
        self, queue: deque[_Item], day: int, rotation: Rotation, mailbox: int | None
    ) -> None:
        """Send from one queue while there is room; what finds its window closed stays."""
        late: list[_Item] = []
        while queue and len(late) < _LATE:
            taken = rotation.take(mailbox)
            if taken is None:
                break
            item = queue.popleft()
            opens, closes = self._window(item.waiting.zone, day)
            at = max(self._clocks[taken], opens, item.due)
            if at >= closes:
                late.append(item)
                continue
            self._clocks[taken] = at + self._paces[taken]
            self._send(item, taken, at, day)
        queue.extendleft(reversed(late))

    def _send(self, item: _Item, mailbox: int, at: dt.datetime, day: int) -> None:
        one = item.waiting
        self.forecast.days[self._date(day)][mailbox] += 1
        self.forecast.emails.append(Predicted(one.enrolment, item.step, item.reason, at, mailbox))
        following = self._following(one, item.step + 1)
        if following is None:
            return
        later = self._after(day, following)
        if later is None:
            self._never(one, following, Delay.BEYOND)
            return
        due = self._window(one.zone, later)[0] + (at - self._window(one.zone, day)[0])
        self.arriving[later].append(_Item(one, following, due, Delay.WAIT, mailbox))

    def _after(self, day: int, order: int) -> int | None:
        """Return the open day on which a step's wait that began on `day` is over."""
        if (day, order) not in self._next:
            step = self.plan.steps[self.steps[order]]
            date = self._date(day)
            over = (
                add_business_days(date, step.wait, self.plan.holidays)
                if step.business
                else date + dt.timedelta(days=step.wait)
            )
            ahead = max((over - self.today).days, day)
            # The same day is over for the queues: a wait of nothing goes the next open day.
            ahead = ahead + 1 if ahead == day else ahead
            self._next[day, order] = self._open_from[ahead] if ahead < HORIZON_DAYS else None
        return self._next[day, order]

    def _delay(self, arrived: Iterable[_Item], full: Delay) -> None:
        """Name the cap for what arrived today and found no room (sent items are done with)."""
        for item in arrived:
            if item.reason in (Delay.READY, Delay.WINDOW, Delay.WAIT):
                item.reason = full


def by_enrolment(found: Forecast) -> Mapping[int, Predicted]:
    """Return the next e-mail of each enrolment."""
    first: dict[int, Predicted] = {}
    for email in found.emails:
        known = first.get(email.enrolment)
        if known is None or email.step < known.step:
            first[email.enrolment] = email
    return first
