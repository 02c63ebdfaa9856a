"""When a link is looked at next: often while it is young, soon while it is in doubt."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from directory.enums import Verdict

_DAY = timedelta(days=1)
# Age up to which a healthy link is looked at so often.
_AGES = (
    (7 * _DAY, _DAY),
    (30 * _DAY, 7 * _DAY),
    (183 * _DAY, 30 * _DAY),
)
_OLD = 91 * _DAY
# Waits before the further looks that confirm a bad one; only then is anyone alarmed.
_BAD: Sequence[timedelta] = (timedelta(hours=1), timedelta(hours=6))
_UNSURE: Sequence[timedelta] = (*_BAD, timedelta(hours=24))
# A page whose host was busy with our other requests.
BUSY = timedelta(minutes=5)
# How long a known fault is looked at daily; then weekly, in case somebody mends it.
_MENDING = 7 * _DAY


def next_check(since: datetime, at: datetime) -> datetime:
    """Return when a healthy link, there since `since`, is looked at after `at`."""
    age = at - since
    return at + next((every for limit, every in _AGES if age < limit), _OLD)


def next_check_of_fault(since: datetime, at: datetime) -> datetime:
    """Return when a link with a fault known since `since` is looked at after `at`."""
    return at + (_DAY if at - since < _MENDING else 7 * _DAY)


def recheck(verdict: str, doubts: int) -> timedelta | None:
    """Return the wait before a doubted link is looked at again, None when it is confirmed.

    Args:
        verdict: what the latest look found.
        doubts: how many looks in a row, the latest included, found the same.
    """
    waits = _UNSURE if verdict == Verdict.UNVERIFIABLE else _BAD
    return waits[doubts - 1] if doubts <= len(waits) else None
