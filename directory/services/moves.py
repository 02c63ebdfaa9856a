"""The one place that moves a backlink's status.

A move is one conditional UPDATE on the status it was read with, so of two people (or a
person and a worker) moving at once one moves and the other is told.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Agency, User
from directory.enums import (
    FACT_MOVES,
    MOVES,
    OPPORTUNITY_STATUSES,
    STAMPS,
    BacklinkEventKind,
    BacklinkStatus,
)
from directory.models import Backlink
from directory.services.timeline import EventDraft, record_events
from directory.signals import backlink_moved
from foundation.choices import MoveError, check_move

# What counts as later: going back clears the stamps of what has not happened after all.
_ORDER: Sequence[str] = (
    BacklinkStatus.PROSPECTING,
    BacklinkStatus.OUTREACH_SENT,
    BacklinkStatus.RESPONDED,
    BacklinkStatus.AGREED,
    BacklinkStatus.PUBLISHED,
)
_WORK_ORDER: Sequence[str] = (
    BacklinkStatus.OPPORTUNITY,
    BacklinkStatus.IN_PROGRESS,
    BacklinkStatus.COMPLETED,
)


class BacklinkMoveError(MoveError):
    """A backlink that cannot move as asked; the message says why."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)


@transaction.atomic
def move_backlink(
    backlink: Backlink, to: str, *, actor: User | None = None, note: str = ""
) -> Backlink:
    """Move one backlink and say so in its timeline.

    Args:
        backlink: as the mover saw it; changed to what is stored.
        to: the status wanted.
        actor: who moves it; None for a fact (an e-mail went out, a page was read), which
            may do less than a person.
        note: why, kept as the reason when the move closes it.

    Raises `BacklinkMoveError` when the progression does not allow it or someone else
    moved it meanwhile.
    """
    _check(backlink.status, to, actor)
    if not _swap([backlink.pk], backlink.agency_id, backlink.status, to, actor, note):
        raise BacklinkMoveError("Someone else changed this backlink meanwhile. Look again.")
    backlink.refresh_from_db()
    return backlink


@transaction.atomic
def move_backlinks(
    *,
    agency: Agency,
    backlink_ids: Iterable[int],
    to: str,
    actor: User | None = None,
    note: str = "",
) -> int:
    """Move many backlinks; return how many moved.

    Those whose status may not move there are left as they are. The number of queries
    does not grow with the backlinks.
    """
    target = BacklinkStatus(to)
    moves = MOVES if actor else FACT_MOVES
    found = Backlink.objects.for_agency(agency).filter(pk__in=list(backlink_ids))
    by_status: dict[str, list[int]] = {}
    for pk, status in found.order_by("pk").values_list("pk", "status"):
        by_status.setdefault(status, []).append(pk)
    return sum(
        len(_swap(ids, agency.pk, old, target, actor, note))
        for old, ids in by_status.items()
        if target in moves[old]
    )


def _check(old: str, to: str, actor: User | None) -> None:
    try:
        check_move("backlink", MOVES, old, to)
    except MoveError as error:
        raise BacklinkMoveError(
            f"A backlink cannot move from {_label(old)} to {_label(to)}."
        ) from error
    if actor is None and to not in FACT_MOVES[old]:
        raise BacklinkMoveError(f"Only a person may move it from {_label(old)} to {_label(to)}.")


def _label(status: str) -> str:
    return str(dict(BacklinkStatus.choices).get(status, status)).lower()


def _swap(  # noqa: PLR0917  # private, called with one row or with many
    ids: Sequence[int], agency_id: int, old: str, to: str, actor: User | None, note: str
) -> list[int]:
    """Move those of `ids` that still stand at `old`; return their keys."""
    still = Backlink.objects.filter(agency_id=agency_id, pk__in=ids, status=old)
    moved = list(still.order_by("pk").values_list("pk", flat=True))
    changed = still.filter(pk__in=moved).update(**_values(old, to, actor, note))
    if changed != len(moved):
        raise BacklinkMoveError("Someone else changed these backlinks meanwhile. Look again.")
    if moved:
        _announce(moved, agency_id, old, to, actor, note)
    return moved


def _values(old: str, to: str, actor: User | None, note: str) -> dict[str, Any]:
    now = timezone.now()
    values: dict[str, Any] = {"status": to, "updated_at": now}
    stamp = STAMPS.get(to)
    if stamp:
        values[stamp] = Coalesce(F(stamp), Value(now))
    values |= dict.fromkeys(_undone(to))
    closes = to in {BacklinkStatus.NOT_APPLICABLE, BacklinkStatus.REJECTED}
    values["closed_reason"] = note.strip()[:300] if closes else ""
    if actor is not None:
        values["is_touched"] = True
    if to in {BacklinkStatus.COMPLETED, BacklinkStatus.PUBLISHED}:
        # What is said to be there is looked at soon; a form that was filled in is no link.
        somewhere = Q(status=BacklinkStatus.AGREED) | ~Q(proof_url="")
        due = Case(When(somewhere, then=Value(now)), output_field=DateTimeField())
        values |= {"placed_by": actor, "next_check_at": due}
    elif old in {BacklinkStatus.COMPLETED, BacklinkStatus.PUBLISHED}:
        values["next_check_at"] = None
    return values


def _undone(to: str) -> list[str]:
    """Return the stamps of statuses after `to` that no longer hold."""
    order = _WORK_ORDER if to in OPPORTUNITY_STATUSES else _ORDER
    if to not in order:
        return []
    later = order[order.index(to) + 1 :]
    return [STAMPS[status] for status in later if status in STAMPS]


def _announce(  # noqa: PLR0917  # private
    moved: Sequence[int], agency_id: int, old: str, to: str, actor: User | None, note: str
) -> None:
    target = BacklinkStatus(to)
    summary = f"{target.label}" + (f": {note.strip()}" if note.strip() else "")
    record_events(
        [
            EventDraft(
                agency_id=agency_id,
                backlink_id=pk,
                kind=BacklinkEventKind.STATUS,
                summary=summary,
                details={"from": str(old), "to": str(to)},
                actor_id=actor.pk if actor else None,
            )
            for pk in moved
        ]
    )
    backlink_moved.send(
        Backlink, agency_id=agency_id, backlink_ids=tuple(moved), to=target, actor=actor
    )
