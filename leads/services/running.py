"""A started import: claimed by one worker at a time, batch by batch, until it is done.

Each batch is one transaction that also moves the import's own counts, so an import that
is killed goes on after the last whole batch, and one that is run twice runs once.
"""

import datetime as dt
from collections import Counter
from contextlib import closing
from typing import Any

import structlog
from django.conf import settings
from django.db import reset_queries, transaction
from django.db.models import F, Q
from django.utils import timezone

from leads.enums import BulkAction, EventKind, ImportStatus, LeadSourceKind, Verification
from leads.importing.limits import MAX_ROWS, UnreadableFileError
from leads.importing.planning import Plan, Wishes, as_rejected, plan_batch
from leads.importing.runs import Batch, read_batches
from leads.models import ImportReject, LeadEvent, LeadImport
from leads.selectors.duplicates import batch_lookups
from leads.services.bulk import start_bulk
from leads.services.imports import layout_of, local_path, wishes_of
from leads.services.storing import insert_leads, update_leads
from leads.signals import import_finished

log = structlog.get_logger(__name__)

# A run that has not shown a sign of life for this long is taken to be dead.
STALE = dt.timedelta(minutes=2)
LATE_DUPLICATE = "Already known, added meanwhile"


def due_imports() -> "list[int]":
    """Return the imports nobody is running: queued, or left by a worker that died."""
    left = Q(status=ImportStatus.RUNNING, heartbeat_at__lt=timezone.now() - STALE)
    due = LeadImport.objects.filter(Q(status=ImportStatus.QUEUED) | left)
    return list(due.order_by("pk").values_list("pk", flat=True)[:20])


def run_import(import_id: int) -> LeadImport | None:
    """Run an import to its end; None when it is not waiting to be run."""
    if not _claim(import_id):
        return None
    lead_import = LeadImport.objects.select_related("agency", "client").get(pk=import_id)
    try:
        finished = _run(lead_import)
    except UnreadableFileError as error:
        _finish(lead_import, ImportStatus.FAILED, error=str(error))
    else:
        if finished:
            _finish(lead_import, ImportStatus.FINISHED)
    lead_import.refresh_from_db()
    return lead_import


def _claim(import_id: int) -> bool:
    now = timezone.now()
    free = Q(status=ImportStatus.QUEUED) | Q(
        status=ImportStatus.RUNNING, heartbeat_at__lt=now - STALE
    )
    claimed = LeadImport.objects.filter(free, pk=import_id).update(
        status=ImportStatus.RUNNING, heartbeat_at=now, attempts=F("attempts") + 1
    )
    LeadImport.objects.filter(pk=import_id, started_at=None).update(started_at=now)
    return bool(claimed)


def _run(lead_import: LeadImport) -> bool:
    """Take in every row that is left; False when the import was taken away meanwhile."""
    wishes = wishes_of(lead_import)
    layout = layout_of(lead_import)
    with local_path(lead_import) as path:
        batches = read_batches(
            path, layout, lead_import.mapping, wishes, skip=lead_import.rows_done
        )
        with closing(batches):
            return all(_take_in_next(lead_import, batch, wishes) for batch in batches)


def _take_in_next(lead_import: LeadImport, batch: Batch, wishes: Wishes) -> bool:
    lead_import.rows_done += batch.rows
    if lead_import.rows_done > MAX_ROWS:
        raise UnreadableFileError(
            f"The file has more than {MAX_ROWS:,} rows. The rows before that were imported; "
            "put the rest in a file of its own."
        )
    taken = _take_in(lead_import, batch, wishes)
    if settings.DEBUG:
        reset_queries()  # or every statement would be kept, whatever its size
    return taken


@transaction.atomic
def _take_in(lead_import: LeadImport, batch: Batch, wishes: Wishes) -> bool:
    ours = LeadImport.objects.filter(
        pk=lead_import.pk, attempts=lead_import.attempts, status=ImportStatus.RUNNING
    )
    # First of all, so that a second worker waits here and then finds it is not its own.
    if not ours.update(heartbeat_at=timezone.now()):
        return False
    plan = plan_batch(batch.clean, _lookups(lead_import, batch), wishes)
    created = insert_leads([_columns(lead_import, known.values) for known in plan.created])
    _update(lead_import, plan)
    _reject(lead_import, batch)
    late = len(plan.created) - created
    reasons = Counter(lead_import.skip_reasons)
    reasons.update(reason for _, reason in plan.skipped)
    if late:
        reasons[LATE_DUPLICATE] += late
    lead_import.skip_reasons = dict(reasons)
    ours.update(
        rows_done=lead_import.rows_done,
        created_count=F("created_count") + created,
        updated_count=F("updated_count") + plan.updated_rows,
        skipped_count=F("skipped_count") + len(plan.skipped) + late,
        rejected_count=F("rejected_count") + len(batch.rejected),
        skip_reasons=lead_import.skip_reasons,
    )
    return True


def _lookups(lead_import: LeadImport, batch: Batch) -> Any:
    return batch_lookups(lead_import.agency, [values for _, values in batch.clean], lead_import.pk)


def _columns(lead_import: LeadImport, values: dict[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    return {
        **values,
        "agency_id": lead_import.agency_id,
        "batch_id": lead_import.pk,
        "source": LeadSourceKind.IMPORT.value,
        "source_detail": lead_import.filename[:200],
        "created_at": now,
        "updated_at": now,
    }


def _update(lead_import: LeadImport, plan: Plan) -> None:
    now = timezone.now()
    update_leads(
        [(known.id, {**known.values, "updated_at": now}) for known in plan.updated if known.id]
    )
    summary = f"Changed by the import of {lead_import.filename}"[:300]
    LeadEvent.objects.bulk_create(
        LeadEvent(
            agency_id=lead_import.agency_id,
            lead_id=known.id,
            domain=known.values["domain"],
            kind=EventKind.UPDATED,
            summary=summary,
            actor_id=lead_import.actor_id,
            at=now,
        )
        for known in plan.updated
        if not known.of_this_import
    )


def _reject(lead_import: LeadImport, batch: Batch) -> None:
    ImportReject.objects.bulk_create(
        ImportReject(
            lead_import=lead_import,
            line=row.line,
            cells=[cell.replace("\0", "") for cell in row.cells],
            problems=as_rejected(problems),
        )
        for row, problems in batch.rejected
    )


@transaction.atomic
def _finish(lead_import: LeadImport, to: ImportStatus, *, error: str = "") -> None:
    finished = LeadImport.objects.filter(
        pk=lead_import.pk, attempts=lead_import.attempts, status=ImportStatus.RUNNING
    ).update(status=to, error=error, finished_at=timezone.now(), rows_total=F("rows_done"))
    if finished and to == ImportStatus.FINISHED:
        lead_import.refresh_from_db()
        import_finished.send(LeadImport, lead_import=lead_import)
        if settings.VERIFY_ADDRESSES:
            _check_addresses(lead_import)
        log.info("import_finished", lead_import=lead_import.pk, rows=lead_import.rows_done)


def _check_addresses(lead_import: LeadImport) -> None:
    """Have the addresses of an import looked up in the background."""
    start_bulk(
        agency=lead_import.agency,
        action=BulkAction.VERIFY,
        query=f"batch={lead_import.pk}&verification={Verification.UNKNOWN.value}",
        actor=lead_import.actor,
    )
