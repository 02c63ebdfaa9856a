"""Caps that hold under any number of workers: one conditional statement a reservation.

The condition and the addition are one statement, so two workers cannot both take the
last slot; PostgreSQL locks the row, SQLite the database. Rows are written in sorted
order, so two batches over the same keys wait for each other instead of deadlocking.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.models import Agency
from compliance.enums import CounterScope
from compliance.models import SendCounter
from compliance.windows import day_start, hour_start

_ROWS_A_STATEMENT = 1000


class Slot(NamedTuple):
    """A counter: whose sends, in which period."""

    scope: str
    key: str
    period: datetime


def counter_key(agency_id: int, scope: CounterScope, value: object) -> str:
    """Return the key of a counter.

    `value` is a user id, mailbox id, recipient domain or campaign key, as the scope asks.
    """
    if scope in {CounterScope.USER, CounterScope.RECIPIENT_DOMAIN}:
        return f"{agency_id}:{value}"
    return str(value)


def used(
    agency: Agency, scope: CounterScope, values: Iterable[object], *, at: datetime
) -> dict[object, int]:
    """Return how many slots each value of a scope has used in the period of `at`.

    Days are the agency's, from local midnight; hours are UTC's. For capacity screens
    and forecasts: by the time it is read it may have grown.
    """
    hourly = scope == CounterScope.MAILBOX_HOUR
    period = hour_start(at) if hourly else day_start(at, agency.zone)
    keys = {counter_key(agency.pk, scope, value): value for value in values}
    found = used_of({Slot(scope, key, period) for key in keys})
    return {keys[slot.key]: count for slot, count in found.items()}


def used_of(slots: Iterable[Slot]) -> dict[Slot, int]:
    """Return what each of these counters has used, in one query; 0 where there is no row."""
    wanted = dict.fromkeys(slots, 0)
    if not wanted:
        return wanted
    rows = SendCounter.objects.filter(
        scope__in={slot.scope for slot in wanted},
        key__in={slot.key for slot in wanted},
        period__in={slot.period for slot in wanted},
    ).values_list("scope", "key", "period", "used")
    for scope, key, period, count in rows:
        if (slot := Slot(scope, key, period)) in wanted:
            wanted[slot] = count
    return wanted


def reserve(wants: Mapping[Slot, tuple[int, int]]) -> dict[Slot, int]:
    """Take up to so many slots of each counter, never past its cap, and say how many.

    Args:
        wants: how many slots of each counter, and its cap. No counter twice with two
            periods.

    Call it in a short transaction of its own: the rows stay locked until it commits.
    """
    asked = {slot: (min(n, cap), cap) for slot, (n, cap) in wants.items() if min(n, cap) > 0}
    with transaction.atomic(savepoint=False):
        granted = _take(asked)
        short = [slot for slot in asked if slot not in granted]
        if short:
            # The refused statement has locked these rows, so what is read now still holds.
            left = used_of(short)
            room = {
                slot: (min(asked[slot][0], asked[slot][1] - left[slot]), asked[slot][1])
                for slot in short
                if left[slot] < asked[slot][1]
            }
            granted |= _take(room)
    return {slot: granted.get(slot, 0) for slot in wants}


def give_back(amounts: Mapping[Slot, int]) -> None:
    """Return slots to their counters, never below none used."""
    rows = [(*slot, 0, n) for slot, n in amounts.items() if n > 0]
    # The amount travels in the cap column: the same sorted upsert as a reservation, so
    # that giving back cannot deadlock with taking. A pruned row comes back empty.
    _upsert(
        rows,
        "used = CASE WHEN {table}.used > excluded.cap THEN {table}.used - excluded.cap ELSE 0 END",
    )


def prune(before: datetime, *, size: int = 5000) -> int:
    """Delete the counters of periods that began before `before`."""
    count = 0
    while True:
        ids = list(
            SendCounter.objects.filter(period__lt=before).values_list("pk", flat=True)[:size]
        )
        if not ids:
            return count
        count += SendCounter.objects.filter(pk__in=ids).delete()[0]


def _take(wants: Mapping[Slot, tuple[int, int]]) -> dict[Slot, int]:
    """Take each want whole or not at all; return those taken."""
    slots = {(slot.scope, slot.key): slot for slot in wants}
    taken = _upsert(
        [(*slot, n, cap) for slot, (n, cap) in wants.items()],
        "used = {table}.used + excluded.used, cap = excluded.cap"
        " WHERE {table}.used + excluded.used <= excluded.cap",
    )
    return {slots[key]: wants[slots[key]][0] for key in taken}


def _upsert(rows: Sequence[tuple[Any, ...]], change: str) -> list[tuple[str, str]]:
    """Insert counters or change those there are; return scope and key of the rows written."""
    table = connection.ops.quote_name(SendCounter._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    written: list[tuple[str, str]] = []
    ordered = sorted(rows)
    for start in range(0, len(ordered), _ROWS_A_STATEMENT):
        part = ordered[start : start + _ROWS_A_STATEMENT]
        values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(part))
        sql = (
            f"INSERT INTO {table} (scope, key, period, used, cap) VALUES {values}"  # noqa: S608  # the only name is our own table's
            f" ON CONFLICT (scope, key, period) DO UPDATE SET {change.format(table=table)}"
            " RETURNING scope, key"
        )
        params = [
            value
            for scope, key, period, count, cap in part
            for value in (scope, key, adapt(period), count, cap)
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            written += [(scope, key) for scope, key in cursor.fetchall()]
    return written
