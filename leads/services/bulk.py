"""One act on many leads: at once when they are few, in the background when many.

A job goes through its leads by id in batches, each one transaction with the job's own
progress, so a job that is killed goes on where it stopped and one run twice acts once.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Agency, User
from accounts.tenancy import AgencyQuerySet
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from foundation.choices import MoveError, check_move
from foundation.wake import wake
from leads.enums import BULK_MOVES, BulkAction, BulkStatus
from leads.importing.mapping import slug
from leads.models import BulkJob, Lead
from leads.selectors.filters import filtered_leads, params_of
from leads.services.records import change_leads, delete_leads
from leads.services.status import move_leads
from leads.services.verification import verify_leads

AT_ONCE = 500
BATCH = 1000
STALE = dt.timedelta(minutes=2)
# More than this is not remembered for undoing.
UNDOABLE = 10_000
_COLUMNS = {
    BulkAction.STATUS: "status",
    BulkAction.OWNER: "owner_id",
    BulkAction.CLIENT: "client_id",
}


class BulkRefusedError(Exception):
    """An act on many leads cannot be done as asked; the message says why."""


def start_bulk(
    *,
    agency: Agency,
    action: str,
    value: str = "",
    lead_ids: Sequence[int] = (),
    query: str | None = None,
    actor: User | None = None,
) -> BulkJob:
    """Do something to the selected leads, or to all that match `query`.

    Returns the job: finished when the leads were few, else queued for a worker.
    """
    job = BulkJob(
        agency=agency,
        action=BulkAction(action),
        value=value[:300],
        query=query or "",
        lead_ids=[] if query is not None else list(lead_ids),
        actor=actor,
    )
    _check_value(job)
    job.total = selected(job).count()
    with transaction.atomic():
        job.save()
        if job.total > AT_ONCE or job.action == BulkAction.VERIFY:
            wake(current_app.signature("leads.run_bulk"), job.pk)
            return job
    return run_bulk(job.pk) or job


def selected(job: BulkJob) -> AgencyQuerySet[Lead]:
    """Return the leads a job is about."""
    if job.lead_ids:
        return Lead.objects.for_agency(job.agency).filter(pk__in=job.lead_ids)
    return filtered_leads(job.agency, params_of(job.query))


def _check_value(job: BulkJob) -> None:
    check = _CHECKS.get(job.action)
    if check and not check(job):
        raise BulkRefusedError("Choose what to set first.")


def _is_status(job: BulkJob) -> bool:
    return job.value in dict(Lead._meta.get_field("status").flatchoices)


def _is_ours(model: str) -> Callable[[BulkJob], bool]:
    def check(job: BulkJob) -> bool:
        if not job.value:
            return True
        if not job.value.isdecimal():
            return False
        if model == "owner":
            return bool(User.objects.filter(pk=job.value, memberships__agency=job.agency).exists())
        clients: Any = Lead._meta.get_field("client").related_model
        return bool(clients.objects.for_agency(job.agency).filter(pk=job.value).exists())

    return check


def _is_field(job: BulkJob) -> bool:
    name, equals, _ = job.value.partition("=")
    return bool(equals and name.strip())


_CHECKS: dict[str, Callable[[BulkJob], bool]] = {
    BulkAction.STATUS: _is_status,
    BulkAction.OWNER: _is_ours("owner"),
    BulkAction.CLIENT: _is_ours("client"),
    BulkAction.FIELD: _is_field,
}


def due_bulk_jobs() -> list[int]:
    """Return the jobs nobody is running."""
    left = Q(status=BulkStatus.RUNNING, heartbeat_at__lt=timezone.now() - STALE)
    due = BulkJob.objects.filter(Q(status=BulkStatus.QUEUED) | left)
    return list(due.order_by("pk").values_list("pk", flat=True)[:20])


def run_bulk(job_id: int) -> BulkJob | None:
    """Run a job to its end; None when it is not waiting to be run."""
    now = timezone.now()
    free = Q(status=BulkStatus.QUEUED) | Q(status=BulkStatus.RUNNING, heartbeat_at__lt=now - STALE)
    claimed = BulkJob.objects.filter(free, pk=job_id).update(
        status=BulkStatus.RUNNING, heartbeat_at=now
    )
    if not claimed:
        return None
    job = BulkJob.objects.select_related("agency", "actor").get(pk=job_id)
    while _run_batch(job):
        job.refresh_from_db()
    BulkJob.objects.filter(pk=job_id, status=BulkStatus.RUNNING).update(
        status=BulkStatus.FINISHED, finished_at=timezone.now(), done=F("total")
    )
    job.refresh_from_db()
    return job


@transaction.atomic
def _run_batch(job: BulkJob) -> bool:
    """Act on the next leads; the job's row says which are done, whoever runs it."""
    after = selected(job).filter(pk__gt=job.last_id).order_by("pk")
    lead_ids = list(after.values_list("pk", flat=True)[:BATCH])
    if not lead_ids:
        return False
    ours = BulkJob.objects.filter(pk=job.pk, status=BulkStatus.RUNNING, last_id=job.last_id)
    if not ours.update(
        last_id=lead_ids[-1], done=F("done") + len(lead_ids), heartbeat_at=timezone.now()
    ):
        return False
    _remember(job, lead_ids)
    changed = _ACTS[BulkAction(job.action)](job, lead_ids)
    BulkJob.objects.filter(pk=job.pk).update(changed=F("changed") + changed, before=job.before)
    return True


def _remember(job: BulkJob, lead_ids: Sequence[int]) -> None:
    column = _COLUMNS.get(BulkAction(job.action))
    if column is None or job.total > UNDOABLE:
        return
    old = Lead.objects.filter(pk__in=lead_ids).values_list("pk", column)
    job.before = {**job.before, **{str(pk): value for pk, value in old}}


def _set_status(job: BulkJob, lead_ids: Sequence[int]) -> int:
    return move_leads(agency=job.agency, lead_ids=lead_ids, to=job.value, actor=job.actor)


def _set_owner(job: BulkJob, lead_ids: Sequence[int]) -> int:
    leads = Lead.objects.for_agency(job.agency).filter(pk__in=lead_ids)
    return leads.update(owner_id=int(job.value) if job.value else None, updated_at=timezone.now())


def _set_client(job: BulkJob, lead_ids: Sequence[int]) -> int:
    changes = {"client_id": int(job.value) if job.value else None}
    return change_leads(agency=job.agency, lead_ids=lead_ids, changes=changes)


def _set_field(job: BulkJob, lead_ids: Sequence[int]) -> int:
    name, _, value = job.value.partition("=")
    custom = {slug(name): value.strip()}
    return change_leads(agency=job.agency, lead_ids=lead_ids, changes={}, custom=custom)


def _suppress(job: BulkJob, lead_ids: Sequence[int]) -> int:
    leads = Lead.objects.for_agency(job.agency).filter(pk__in=lead_ids)
    rows = list(leads.values_list("email", "domain"))
    common: dict[str, Any] = {
        "agency": job.agency,
        "reason": SuppressionReason.MANUAL,
        "source": "List of leads",
        "actor": job.actor,
    }
    suppress(kind=SuppressionKind.ADDRESS, values=[mail for mail, _ in rows if mail], **common)
    sites = [site for mail, site in rows if site and not mail]
    suppress(kind=SuppressionKind.DOMAIN, values=sites, **common)
    return len(rows)


def _delete(job: BulkJob, lead_ids: Sequence[int]) -> int:
    return delete_leads(agency=job.agency, lead_ids=lead_ids)


def _verify(job: BulkJob, lead_ids: Sequence[int]) -> int:
    return verify_leads(agency=job.agency, lead_ids=lead_ids)


_ACTS: dict[BulkAction, Callable[[BulkJob, Sequence[int]], int]] = {
    BulkAction.STATUS: _set_status,
    BulkAction.OWNER: _set_owner,
    BulkAction.CLIENT: _set_client,
    BulkAction.FIELD: _set_field,
    BulkAction.SUPPRESS: _suppress,
    BulkAction.DELETE: _delete,
    BulkAction.VERIFY: _verify,
}


@transaction.atomic
def undo_bulk(job: BulkJob) -> int:
    """Put back what a finished job changed, where nobody has changed it since."""
    if not job.before:
        raise MoveError("job", job.status, BulkStatus.UNDONE)
    check_move("job", BULK_MOVES, job.status, BulkStatus.UNDONE)
    undone = BulkJob.objects.filter(pk=job.pk, status=BulkStatus.FINISHED)
    if not undone.update(status=BulkStatus.UNDONE):
        return 0
    column = _COLUMNS[BulkAction(job.action)]
    now = job.value if column == "status" else int(job.value) if job.value else None
    by_old: dict[Any, list[int]] = {}
    for pk, old in job.before.items():
        by_old.setdefault(old, []).append(int(pk))
    leads = Lead.objects.for_agency(job.agency).filter(**{column: now})
    return sum(
        # Undoing is no move: it says that the move was never made.
        leads.filter(pk__in=lead_ids).update(**{column: old})
        for old, lead_ids in by_old.items()
        if old != now
    )
