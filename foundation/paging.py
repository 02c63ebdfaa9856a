"""Keyset pages: a cursor instead of an offset, so the last page is as fast as the first."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)

# Past this a count says "10,000+": an exact count of filtered millions costs 100–700 ms.
COUNT_LIMIT = 10_000


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """One page of rows and the cursors of its neighbours ("" when there is none)."""

    rows: list[M]
    next_cursor: str
    previous_cursor: str


def keyset_page(
    rows: "QuerySet[M]", *, order: Sequence[str], cursor: str = "", size: int = 50
) -> KeysetPage[M]:
    """Return one page of `rows` ordered by `order`, which must end in a unique column.

    Args:
        rows: filtered rows, any order.
        order: field names, `-` for descending; all non-null.
        cursor: what a neighbour page gave; a malformed one gives the first page.
        size: rows a page.
    """
    after, key = _decode(cursor, len(order))
    wanted = list(order) if after else [_flip(name) for name in order]
    query = rows
    if key is not None:
        query = query.filter(_beyond(wanted, key))
    found = list(query.order_by(*wanted)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if not after:
        found.reverse()
    if not found:
        return KeysetPage([], "", "")
    forward = _encode(order, found[-1], after=True)
    backward = _encode(order, found[0], after=False)
    if after:
        return KeysetPage(found, forward if more else "", backward if key else "")
    return KeysetPage(found, forward, backward if more else "")


def counted(rows: "QuerySet[Any]", limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """Return how many rows there are up to `limit`, and whether there are more."""
    found = rows.order_by().values("pk")[: limit + 1].count()
    return min(found, limit), found > limit


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows strictly after `key`: (a > x) or (a = x and (b > y or …)).

    The outer bound on the first column lets both databases start inside the index.
    """
    condition = Q()
    for name, value in reversed(list(zip(order, key, strict=True))):
        column = name.lstrip("-")
        compare = "lt" if name.startswith("-") else "gt"
        step = Q(**{f"{column}__{compare}": value})
        condition = step | (Q(**{column: value}) & condition) if condition else step
    first = order[0].lstrip("-")
    bound = "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{bound}": key[0]}) & condition


def _encode(order: Sequence[str], row: Model, *, after: bool) -> str:
    values = [_value(row, name.lstrip("-")) for name in order]
    text = json.dumps([after, [_plain(value) for value in values]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    return str(value) if isinstance(value, Decimal) else value


def _decode(cursor: str, length: int) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return True, None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        after, values = json.loads(base64.urlsafe_b64decode(padded))
        key = [_rich(value) for value in values]
    except (binascii.Error, ValueError, TypeError, KeyError):
        return True, None
    return (bool(after), key) if len(key) == length else (True, None)


def _rich(value: Any) -> Any:
    if isinstance(value, dict):
        if "t" in value:
            return dt.datetime.fromisoformat(value["t"])
        return dt.date.fromisoformat(value["d"])
    if isinstance(value, list):
        raise TypeError(value)
    return value
