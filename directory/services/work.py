"""Working an opportunity: ticking steps, notes, time, proof, and how it ends.

Whoever works on one touches it: matching leaves it alone from then on.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Agency, User
from directory.enums import BacklinkEventKind, BacklinkStatus
from directory.models import Backlink
from directory.services.moves import BacklinkMoveError, move_backlink, move_backlinks
from directory.services.timeline import EventDraft, record_events

S = BacklinkStatus


class WorkError(Exception):
    """Work that cannot be stored as asked; the message says what to do."""


@transaction.atomic
def tick_step(backlink: Backlink, index: int, *, done: bool, actor: User) -> Backlink:
    """Tick a step or take the tick back; the first tick begins the work.

    Raises `WorkError` when there is no such step or someone else ticked meanwhile.
    """
    if not 0 <= index < len(backlink.steps):
        raise WorkError("This step is no longer there. Look again.")
    steps = [dict(step) for step in backlink.steps]
    steps[index] |= {
        "done_at": timezone.now().isoformat() if done else None,
        "done_by": actor.pk if done else None,
        "done_by_name": str(actor) if done else "",
    }
    seen = Backlink.objects.filter(pk=backlink.pk, steps_revision=backlink.steps_revision)
    swapped = seen.update(
        steps=steps,
        steps_revision=F("steps_revision") + 1,
        is_touched=True,
        updated_at=timezone.now(),
    )
    if not swapped:
        raise WorkError("Someone else changed the steps meanwhile. Look again.")
    title = steps[index].get("title", "")
    _say(
        backlink,
        BacklinkEventKind.STEP,
        f"{'Done' if done else 'Not done after all'}: {title}",
        actor,
    )
    backlink.refresh_from_db()
    if done and backlink.status == S.OPPORTUNITY:
        move_backlink(backlink, S.IN_PROGRESS, actor=actor)
    return backlink


@transaction.atomic
def save_work(backlink: Backlink, *, fields: Mapping[str, Any], actor: User) -> Backlink:
    """Store notes, minutes spent, proof and who works on it; say what changed."""
    changed = {name: value for name, value in fields.items() if getattr(backlink, name) != value}
    if not changed:
        return backlink
    for name, value in changed.items():
        setattr(backlink, name, value)
    values: dict[str, Any] = {**changed, "is_touched": True, "updated_at": timezone.now()}
    if changed.get("proof_url"):
        values |= _proof(backlink, changed["proof_url"])
    Backlink.objects.filter(pk=backlink.pk).update(**values)
    if changed.get("proof_url"):
        _say(backlink, BacklinkEventKind.PROOF, f"Proof: {changed['proof_url']}", actor)
    if "assignee" in changed:
        _say(backlink, BacklinkEventKind.ASSIGNED, _assigned(changed["assignee"]), actor)
    if "notes" in changed:
        _say(backlink, BacklinkEventKind.NOTE, "Notes changed", actor)
    backlink.refresh_from_db()
    return backlink


@transaction.atomic
def complete(backlink: Backlink, *, actor: User, proof_url: str = "") -> Backlink:
    """Say that the listing is made; with a proof it is checked soon.

    Raises `BacklinkMoveError` when it may not be completed.
    """
    if proof_url:
        save_work(backlink, fields={"proof_url": proof_url}, actor=actor)
    if backlink.status == S.OPPORTUNITY:
        move_backlink(backlink, S.IN_PROGRESS, actor=actor)
    move_backlink(backlink, S.COMPLETED, actor=actor)
    if backlink.proof_url:
        Backlink.objects.filter(pk=backlink.pk).update(source_url=backlink.proof_url)
        backlink.refresh_from_db()
    return backlink


def dismiss(backlink: Backlink, *, actor: User, reason: str) -> Backlink:
    """Say that it is not for this client; it never comes back by itself.

    Raises `WorkError` without a reason, `BacklinkMoveError` when it may not be dismissed.
    """
    if not reason.strip():
        raise WorkError("Say why it is not applicable, so that nobody asks again.")
    return move_backlink(backlink, S.NOT_APPLICABLE, actor=actor, note=reason)


def start(backlink: Backlink, *, actor: User) -> Backlink:
    """Begin the work. Raises `BacklinkMoveError` when it has begun or ended."""
    return move_backlink(backlink, S.IN_PROGRESS, actor=actor)


def undo(backlink: Backlink, *, actor: User) -> Backlink:
    """Take back the end, or an early start. Raises `BacklinkMoveError` when there is none."""
    if backlink.status == S.NOT_APPLICABLE:
        to = S.IN_PROGRESS if backlink.steps_done else S.OPPORTUNITY
    elif backlink.status == S.IN_PROGRESS:
        to = S.OPPORTUNITY
    else:
        to = S.IN_PROGRESS
    return move_backlink(backlink, to, actor=actor)


@transaction.atomic
def assign_many(
    *, agency: Agency, backlink_ids: Iterable[int], assignee: User | None, actor: User
) -> int:
    """Give opportunities to someone, or to nobody; return how many changed.

    Four queries, however many.
    """
    rows = Backlink.objects.for_agency(agency).filter(pk__in=list(backlink_ids))
    rows = rows.exclude(assignee=assignee) if assignee else rows.filter(assignee__isnull=False)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    Backlink.objects.filter(pk__in=keys).update(
        assignee=assignee, is_touched=True, updated_at=timezone.now()
    )
    record_events(
        [
            EventDraft(
                agency_id=agency.pk,
                backlink_id=pk,
                kind=BacklinkEventKind.ASSIGNED,
                summary=_assigned(assignee),
                actor_id=actor.pk,
            )
            for pk in keys
        ]
    )
    return len(keys)


def start_many(*, agency: Agency, backlink_ids: Iterable[int], actor: User) -> int:
    """Begin many; return how many began."""
    fresh = Backlink.objects.for_agency(agency).filter(
        pk__in=list(backlink_ids), status=S.OPPORTUNITY
    )
    keys = list(fresh.order_by("pk").values_list("pk", flat=True))
    return move_backlinks(agency=agency, backlink_ids=keys, to=S.IN_PROGRESS, actor=actor)


def dismiss_many(*, agency: Agency, backlink_ids: Iterable[int], actor: User, reason: str) -> int:
    """Dismiss many for one reason; return how many. Raises `WorkError` without a reason."""
    if not reason.strip():
        raise WorkError("Say why they are not applicable, so that nobody asks again.")
    return move_backlinks(
        agency=agency, backlink_ids=backlink_ids, to=S.NOT_APPLICABLE, actor=actor, note=reason
    )


def _proof(backlink: Backlink, url: str) -> dict[str, Any]:
    """Have a completed listing looked at again where it is now said to be."""
    if backlink.status != S.COMPLETED:
        return {}
    return {"source_url": url, "next_check_at": timezone.now()}


def _assigned(assignee: User | None) -> str:
    return f"Assigned to {assignee}" if assignee else "Assigned to nobody"


def _say(backlink: Backlink, kind: str, summary: str, actor: User) -> None:
    record_events(
        [
            EventDraft(
                agency_id=backlink.agency_id,
                backlink_id=backlink.pk,
                kind=kind,
                summary=summary,
                actor_id=actor.pk,
            )
        ]
    )


__all__ = [
    "BacklinkMoveError",
    "WorkError",
    "assign_many",
    "complete",
    "dismiss",
    "dismiss_many",
    "save_work",
    "start",
    "start_many",
    "tick_step",
    "undo",
]
