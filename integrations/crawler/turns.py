"""Turns at a host, across threads, processes and machines: rows changed on condition.

A worker takes a host's turn before a request and gives it back after the answer with the
rest the host is owed; who holds the turn is the only one that talks to it. A turn whose
worker died ends by itself. Many hosts are dealt with in one statement.
"""

from collections.abc import Mapping, Sequence

from django.db import connection

from integrations.models import CrawlTurn

# Seconds a turn lasts at most: longer than any request may take.
HOLD = 30.0
_ROWS_A_STATEMENT = 500
_NOW = {
    "postgresql": "extract(epoch from clock_timestamp())",
    # A millisecond is all that SQLite's clock tells; the rest is rounded up.
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0 + 0.001)",
}


def take(wants: Mapping[str, str]) -> dict[str, float]:
    """Take the turns of many hosts, each for a holder.

    Args:
        wants: the holder's name of each host.

    Returns how many seconds each host's turn is still away: 0 for those now taken.
    """
    rows = [(host, HOLD, holder) for host, holder in wants.items()]
    taken = _upsert(rows, f"{{table}}.free_at <= {_now()}")
    waits = dict.fromkeys(taken, 0.0)
    return waits | _waits([host for host in wants if host not in waits])


def give_back(rests: Sequence[tuple[str, str, float]]) -> None:
    """Give turns back: (host, holder, seconds of rest); one that was lost stays lost."""
    _upsert(
        [(host, rest, holder) for host, holder, rest in rests], "{table}.holder = excluded.holder"
    )


def prune(*, days: int = 7) -> int:
    """Forget the turns of hosts that were not asked for so many days."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_now()}")
        now = float(cursor.fetchone()[0])
    return CrawlTurn.objects.filter(free_at__lt=now - days * 86400).delete()[0]


def _now() -> str:
    return _NOW[connection.vendor]


def _waits(hosts: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for start in range(0, len(hosts), _ROWS_A_STATEMENT):
        part = hosts[start : start + _ROWS_A_STATEMENT]
        sql = (
            f"SELECT host, free_at - {_now()} FROM {_table()}"  # noqa: S608  # our own table's name
            f" WHERE host IN ({', '.join(['%s'] * len(part))})"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, part)
            found |= {host: max(float(wait), 0.001) for host, wait in cursor.fetchall()}
    return found


def _upsert(rows: Sequence[tuple[str, float, str]], condition: str) -> list[str]:
    """Insert turns or change those the condition is true of; return the hosts written."""
    written: list[str] = []
    # In one order, so that two workers' statements wait for each other, never in a circle.
    ordered = sorted(rows)
    for start in range(0, len(ordered), _ROWS_A_STATEMENT):
        part = ordered[start : start + _ROWS_A_STATEMENT]
        values = ", ".join([f"(%s, {_now()} + %s, %s)"] * len(part))
        sql = (
            f"INSERT INTO {_table()} (host, free_at, holder) VALUES {values}"  # noqa: S608  # as above
            " ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at,"
            f" holder = excluded.holder WHERE {condition.format(table=_table())} RETURNING host"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for row in part for value in row])
            written += [host for (host,) in cursor.fetchall()]
    return written


def _table() -> str:
    return connection.ops.quote_name(CrawlTurn._meta.db_table)
