"""Writing directories: imports in batches, and who is offered to clients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from directory.importing.cells import COLUMNS, show
from directory.importing.planning import Known, Plan, RowPlan, plan_rows, tidy_header
from directory.models import Directory, DirectoryStep
from directory.selectors.directories import known_directories
from directory.starter import starter_directories
from foundation.addresses import registrable_domain

BATCH = 500
_STORED = tuple(column for column in COLUMNS if column != "steps")


def plan_import(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Plan:
    """Return what importing a table would do, without doing it.

    Raises `UnreadableTableError` when its columns do not say which directory a row is.
    """
    return plan_rows(tidy_header(header), rows, known_directories())


@transaction.atomic
def apply_plan(plan: Plan) -> dict[int, Directory]:
    """Store the new and the changed rows of a plan; return the directories by row number.

    Rejected rows are left out. The number of queries grows with batches of 500, not rows.
    """
    new, changed = plan.of("new"), plan.of("changed")
    stored = _store(new) | _store(changed)
    rewritten = [row for row in changed if any(c.column == "steps" for c in row.changes)]
    for batch in _batches(rewritten):
        DirectoryStep.objects.filter(directory_id__in=[row.pk for row in batch]).delete()
    _store_steps([*new, *rewritten], stored)
    return stored


def set_active(directories: Iterable[int], *, active: bool) -> int:
    """Offer directories to clients or stop; return how many changed.

    Opportunities nobody has begun disappear from worklists with their directory and come
    back with it; what was begun stays.
    """
    rows = Directory.objects.filter(pk__in=list(directories)).exclude(is_active=active)
    return rows.update(is_active=active, updated_at=timezone.now())


def seed_directories() -> int:
    """Add the starter directories that are missing; return how many.

    What is there stays as superadmins left it; switch one off rather than delete it, or
    it is missing and comes back.
    """
    return add_missing(starter_directories())


def add_missing(rows: Iterable[Mapping[str, Any]]) -> int:
    """Add directories whose key and URL are not there yet; return how many."""
    known = known_directories()
    keys, urls = {row.values["key"] for row in known}, {row.values["url"] for row in known}
    wanted = [
        [_cell(column, row.get(column)) for column in COLUMNS]
        for row in rows
        if row["key"] not in keys and row["url"] not in urls
    ]
    plan = plan_rows(COLUMNS, wanted, list[Known]())
    apply_plan(plan)
    return len(plan.of("new"))


def _cell(column: str, value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else show(column, value)


def _store(rows: Sequence[RowPlan]) -> dict[int, Directory]:
    """Insert or update the directories of rows, by row number."""
    now = timezone.now()
    stored = {
        row.number: Directory(
            pk=row.pk,
            domain=registrable_domain(row.values["url"]),
            updated_at=now,
            **{column: row.values[column] for column in _STORED},
        )
        for row in rows
    }
    objects = list(stored.values())
    for batch in _batches(objects):
        if batch[0].pk is None:
            Directory.objects.bulk_create(batch)
        else:
            Directory.objects.bulk_create(
                batch,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=[*(c for c in _STORED if c != "key"), "domain", "updated_at"],
            )
    return stored


def _store_steps(rows: Sequence[RowPlan], stored: Mapping[int, Directory]) -> None:
    DirectoryStep.objects.bulk_create(
        (
            DirectoryStep(directory=stored[row.number], order=order, **step)
            for row in rows
            for order, step in enumerate(row.values["steps"], start=1)
        ),
        batch_size=2000,
    )


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
