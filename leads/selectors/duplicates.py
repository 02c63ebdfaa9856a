"""What the agency already has that a batch of rows may be about."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Agency
from compliance.selectors import suppressed
from leads.importing.columns import UPDATED
from leads.importing.planning import Known, Lookups, suppression_key
from leads.models import Lead

_COLUMNS = ("id", "batch_id", *UPDATED)


def batch_lookups(
    agency: Agency, rows: Sequence[Mapping[str, Any]], import_id: int | None = None
) -> Lookups:
    """Return the leads and suppressions a batch needs to know, in a constant number of queries.

    `rows` are completed columns.
    """
    return Lookups(
        leads=[_known(values, import_id) for values in _matching(agency, rows)],
        suppressed={
            key: f"Suppressed: {row.get_reason_display()}"
            for key, row in suppressed(agency, {suppression_key(row) for row in rows}).items()
        },
    )


def _matching(agency: Agency, rows: Sequence[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    ours = Lead.objects.for_agency(agency).order_by()
    addresses = {row["email"] for row in rows if row.get("email")}
    sites = {row["domain"] for row in rows if row.get("domain")}
    named = [row for row in rows if row.get("first_name") or row.get("last_name")]
    names = {spelling for row in named for spelling in _spellings(row.get("last_name") or "")}
    of_sites = _among(ours, "domain", sites)
    # Nobody's whole staff is read for one row: of a site, only who has a name of the batch's
    # or no address; only a row that names nothing but a site asks for everyone there.
    queries = [
        _among(ours, "email", addresses),
        _among(of_sites, "last_name", names),
        of_sites.filter(email__isnull=True),
        _among(ours, "domain", {row["domain"] for row in rows if _is_bare(row)}),
    ]
    found: dict[int, dict[str, Any]] = {}
    for query in queries:
        found.update((values["id"], values) for values in query.values(*_COLUMNS))
    return [found[pk] for pk in sorted(found)]


def _among(leads: QuerySet[Lead], column: str, values: set[str]) -> QuerySet[Lead]:
    """Filter by a list sent as one parameter: thousands take longer to bind than to find."""
    if connection.vendor == "postgresql":
        return leads.extra(where=[f"{column} = ANY(%s)"], params=[sorted(values)])  # noqa: S610  # our column
    listed = json.dumps(sorted(values))
    where = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  # our column
    return leads.extra(where=[where], params=[listed])  # noqa: S610  # our column


def _is_bare(row: Mapping[str, Any]) -> bool:
    return not (row.get("email") or row.get("first_name") or row.get("last_name"))


def _spellings(name: str) -> set[str]:
    return {name, name.lower(), name.upper(), name.title()}


def _known(values: dict[str, Any], import_id: int | None) -> Known:
    lead_id, batch_id = values.pop("id"), values.pop("batch_id")
    ours = import_id is not None and batch_id == import_id
    return Known(values, id=lead_id, of_this_import=ours)
