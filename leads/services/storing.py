"""Many leads into the table, and changes of many, in a handful of statements."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, connection, transaction

from leads.enums import InferenceSource, LeadSourceKind, LeadStatus
from leads.importing.columns import COLUMN_TYPES, COLUMNS, UPDATED
from leads.rules.scoring import Part, plain_parts

_ALL, _CHANGED = itemgetter(*COLUMNS), itemgetter(*UPDATED)
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, ""),
    **dict.fromkeys(("client_id", "email", "domain_rating", "owner_id", "batch_id")),
    "country_source": InferenceSource.NONE.value,
    "time_zone_source": InferenceSource.NONE.value,
    "source": LeadSourceKind.IMPORT.value,
    "status": LeadStatus.NEW.value,
    "verification_reasons": (),
    "score": 0,
    "score_parts": (),
    "custom": {},
}


def insert_leads(rows: Sequence[dict[str, Any]]) -> int:
    """Insert leads given as columns; an address the agency has by now is left out.

    Returns how many were inserted. Two imports of one file at once insert each lead once.
    """
    if not rows:
        return 0
    tuples = [_values(row, _ALL) for row in rows]
    try:
        with transaction.atomic():
            if connection.vendor != "postgresql":
                return _insert_or_ignore(tuples, "INSERT OR IGNORE INTO", "")
            return _copy(tuples)
    except IntegrityError:
        return _insert_or_ignore(tuples, "INSERT INTO", "ON CONFLICT DO NOTHING")


def update_leads(rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Set every updatable column of leads, given as (id, columns)."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _update_from_arrays(rows)
        return
    sets = ", ".join(f"{name} = %s" for name in UPDATED)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE leads_lead SET {sets} WHERE id = %s",  # noqa: S608  # our own columns
            [(*_values(values, _CHANGED), lead_id) for lead_id, values in rows],
        )


def _copy(tuples: Sequence[tuple[Any, ...]]) -> int:
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_COPY) as copy,
    ):
        for row in tuples:
            copy.write_row(row)
    return len(tuples)


_COPY = f"COPY leads_lead ({', '.join(COLUMNS)}) FROM STDIN"


def _insert_or_ignore(tuples: Sequence[tuple[Any, ...]], verb: str, conflict: str) -> int:
    marks = ", ".join(["%s"] * len(COLUMNS))
    statement = f"{verb} leads_lead ({', '.join(COLUMNS)}) VALUES ({marks}) {conflict}"
    with connection.cursor() as cursor:
        cursor.executemany(statement, tuples)
        return int(cursor.rowcount)


def _update_from_arrays(rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """One statement whatever the number of rows; bulk_update is many times slower."""
    columns = list(zip(*(_values(values, _CHANGED) for _, values in rows), strict=True))
    sets = ", ".join(f"{name} = given.{name}" for name in UPDATED)
    arrays = ", ".join(f"%s::{COLUMN_TYPES[name]}[]" for name in UPDATED)
    statement = (
        f"UPDATE leads_lead SET {sets} FROM unnest(%s::bigint[], {arrays})"  # noqa: S608  # ours
        f" AS given(lead_id, {', '.join(UPDATED)}) WHERE leads_lead.id = given.lead_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [[lead_id for lead_id, _ in rows], *(list(column) for column in columns)]
        )


def _values(row: dict[str, Any], pick: Callable[[dict[str, Any]], Any]) -> tuple[Any, ...]:
    """Return the columns picked, fit for a cursor that knows nothing of fields."""
    fit = {**_EMPTY, **row}
    fit["custom"] = json.dumps(fit["custom"], ensure_ascii=False)
    fit["verification_reasons"] = _list_text(tuple(fit["verification_reasons"]))
    fit["score_parts"] = _parts_text(tuple(fit["score_parts"]))
    for name in ("created_at", "updated_at"):
        fit[name] = _moment(fit.get(name))
    values: tuple[Any, ...] = pick(fit)
    return values


@lru_cache(maxsize=1024)
def _list_text(items: tuple[str, ...]) -> str:
    return json.dumps(items, ensure_ascii=False)


@lru_cache(maxsize=4096)
def _parts_text(parts: tuple[Part, ...]) -> str:
    return json.dumps(plain_parts(parts), ensure_ascii=False)


@lru_cache(maxsize=16)
def _moment(at: datetime | None) -> Any:
    if connection.vendor == "postgresql" or not at:
        return at or None
    return connection.ops.adapt_datetimefield_value(at)
