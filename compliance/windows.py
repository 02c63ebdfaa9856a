"""When an e-mail may go: days and hours in a time zone, less holidays. Pure.

A window is a set of local intervals, one for each day, turned into instants with the
daylight-saving rules of the zone. Where a clock jumps over a window's edge the edge is
the jump; where a clock shows an edge twice the window takes the reading that keeps every
moment of it inside the hours on the wall.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

D = TypeVar("D", bound=date)

_DAY = timedelta(days=1)
_SATURDAY = 6
# Two years without one opening means that it never opens.
_HORIZON = 740


class WindowError(ValueError):
    """A window that cannot be, or that never opens; the message says why."""


@dataclass(frozen=True)
class Window:
    """Days and hours, in a time zone, when e-mail may go.

    Args:
        days: ISO weekdays, Monday is 1.
        start: the first local moment.
        end: the first local moment that is too late; not after `start` means that it
            lies on the next day, so 00:00–00:00 is a whole day.
        zone: an IANA time zone.
        holidays: local dates on which no window opens.

    Raises `WindowError` when no such window can exist.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: str
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(1, 8)):
            raise WindowError("A window needs at least one day from Monday (1) to Sunday (7).")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise WindowError(f"“{self.zone}” is not a time zone.") from error

    def to_json(self) -> dict[str, Any]:
        """Return the window as JSON, for a column or a task."""
        return {
            "days": sorted(self.days),
            "start": self.start.isoformat("minutes"),
            "end": self.end.isoformat("minutes"),
            "zone": self.zone,
            "holidays": sorted(day.isoformat() for day in self.holidays),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the window `to_json` gave; raises `WindowError` for anything else."""
        try:
            return cls(
                days=frozenset(int(day) for day in data["days"]),
                start=time.fromisoformat(data["start"]),
                end=time.fromisoformat(data["end"]),
                zone=data["zone"],
                holidays=frozenset(date.fromisoformat(day) for day in data.get("holidays", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WindowError(f"Not a window: {error}") from error

    def contains(self, at: datetime) -> bool:
        """Return whether the window is open at `at` (aware)."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        return any(opens <= at < closes for opens, closes in self._around(day))

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` when the window is open then, else when it next opens (in UTC).

        Raises `WindowError` when it does not open within two years.
        """
        day = at.astimezone(ZoneInfo(self.zone)).date() - _DAY
        for _ in range(_HORIZON):
            hours = _hours(self, day)
            if hours and at < hours[1]:
                return max(at, hours[0])
            day += _DAY
        raise WindowError("The window does not open within two years.")

    def _around(self, day: date) -> list[tuple[datetime, datetime]]:
        return [hours for hours in (_hours(self, day - _DAY), _hours(self, day)) if hours]


@lru_cache(maxsize=8192)
def _hours(window: Window, day: date) -> tuple[datetime, datetime] | None:
    """Return when the window opens and closes on `day`; None when it does not open."""
    if day.isoweekday() not in window.days or day in window.holidays:
        return None
    zone = ZoneInfo(window.zone)
    last = day if window.end > window.start else day + _DAY
    closes = _instant(datetime.combine(last, window.end), zone)
    opens = _instant(datetime.combine(day, window.start), zone, second=True)
    if opens >= closes:
        opens = _instant(datetime.combine(day, window.start), zone)
    return (opens, closes) if opens < closes else None


def day_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the local day of `at` began, in UTC, even where midnight was skipped."""
    return _instant(datetime.combine(at.astimezone(zone).date(), time.min), zone)


def next_day_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the local day after `at`'s begins, in UTC."""
    return _instant(datetime.combine(at.astimezone(zone).date() + _DAY, time.min), zone)


def hour_start(at: datetime) -> datetime:
    """Return the UTC hour of `at`."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def add_business_days(start: D, n: int, holidays: Collection[date] = frozenset()) -> D:
    """Return the date (or moment, at the same time of day) `n` business days after `start`.

    Saturdays, Sundays and `holidays` do not count; zero days is `start` itself. A moment
    keeps its own time zone's clock: convert it to the zone that counts before.
    """
    day = start
    while n > 0:
        day += _DAY
        plain = day.date() if isinstance(day, datetime) else day
        if plain.isoweekday() < _SATURDAY and plain not in holidays:
            n -= 1
    return day


def _instant(local: datetime, zone: ZoneInfo, *, second: bool = False) -> datetime:
    """Return the UTC instant at which clocks in `zone` show `local`.

    A time that clocks show twice gives its first reading, or the `second`; one that they
    jump over gives the jump.
    """
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if early <= late:
        return late if second else early
    return _jump(late, early, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in (before, after] at which the offset of `zone` changes."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
