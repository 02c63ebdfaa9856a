"""Claims: due messages become a worker's own, and one by one pass the point of no return."""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, DateTimeField, F, QuerySet, Value, When

from compliance.enums import Check, Outcome, Stage
from compliance.policy import Decision
from mailer.enums import MessageStatus
from mailer.models import Message
from mailer.services import gate
from mailer.services.asking import ask_policy
from mailer.services.leases import Lease, keep_lease
from mailer.services.moves import UNCLAIMED, move_messages
from mailer.services.outbox import cancel_recalled, return_slots
from mailer.signals import message_blocked

# A deferral without a time is asked about again after this.
ASK_AGAIN = timedelta(hours=1)
# Deferrals of the mailbox itself: nothing else of it need be asked about before then.
MAILBOX_CODES = frozenset({Check.CAP_MAILBOX_DAY, Check.CAP_MAILBOX_HOUR})


# How long a hand-over waits while a long list of refusals is being stored, in seconds. The
# server has the envelope and waits at least five minutes (RFC 5321 4.5.3.2.4).
GATE_PATIENCE = 30.0


class LeaseLostError(Exception):
    """Another worker holds the mailbox now, or it was paused: touch nothing more."""


def claim_messages(
    lease: Lease, *, now: datetime, size: int
) -> tuple[list[Message], datetime | None]:
    """Claim up to `size` due messages that the policy allows now.

    One transaction: the compare-and-swap first, so that nobody can stop a message
    unseen between the question to the policy and its answer. Returns them oldest first,
    and until when the mailbox as a whole must rest, if the policy said so. Raises
    `LeaseLostError`.
    """
    with transaction.atomic():
        mine = Message.objects.claimed_under(lease.owner, lease.fence)
        due = Message.objects.filter(mailbox=lease.mailbox_id).due(now)
        pks = _next_due(due, size)
        move_messages(
            Message.objects.filter(pk__in=pks).due(now),
            old=[MessageStatus.QUEUED],
            to=MessageStatus.CLAIMED,
            claimed_by=lease.owner,
            claimed_at=now,
            claimed_fence=lease.fence,
        )
        claimed = list(
            mine.filter(pk__in=pks, status=MessageStatus.CLAIMED)
            .select_related("agency", "mailbox", "sender_user")
            .order_by("next_attempt_at", "id")
        )
        sorted_out: tuple[list[Message], datetime | None] = [], None
        if claimed:
            decisions = ask_policy(claimed, stage=Stage.CLAIMED, now=now, reserve=True)
            sorted_out = _sort_out(claimed, decisions, now)
        # The mailbox's row last, as whoever stops messages takes it: no deadlock.
        if not keep_lease(lease, now=now, next_send_at=None, sending=False):
            raise LeaseLostError
        return sorted_out


def _next_due(due: QuerySet[Message], size: int) -> list[int]:
    """Return the keys of the next due messages; one that workers died of comes alone.

    So it takes no others with it, and three deaths in a row are its own.
    """
    ordered = due.order_by("next_attempt_at", "id").values_list("pk", "deaths")
    pks: list[int] = []
    for pk, deaths in ordered[:size]:
        if deaths:
            return pks or [pk]
        pks.append(pk)
    return pks


def _sort_out(
    claimed: list[Message], decisions: list[Decision], now: datetime
) -> tuple[list[Message], datetime | None]:
    allowed: list[Message] = []
    later: list[tuple[Message, Decision]] = []
    for message, decision in zip(claimed, decisions, strict=True):
        message.decision_id = decision.decision_id
        if decision.outcome == Outcome.ALLOWED:
            message.reservations = decision.reservations
            allowed.append(message)
        elif decision.outcome == Outcome.DEFERRED:
            later.append((message, decision))
        else:
            _block(message, decision)
    if allowed:
        Message.objects.bulk_update(allowed, ["reservations", "decision"])
    if later:
        _defer(later, now)
    return allowed, _rest_until([decision for _, decision in later])


def _block(message: Message, decision: Decision) -> None:
    message.status = MessageStatus.BLOCKED
    message.last_error = " ".join(decision.sentences)[:1000]
    move_messages(
        Message.objects.filter(pk=message.pk),
        old=[MessageStatus.CLAIMED],
        to=MessageStatus.BLOCKED,
        decision=decision.decision_id,
        last_error=message.last_error,
        wait_reason="",
        **UNCLAIMED,
    )
    message_blocked.send(sender=Message, message=message, decision=decision)


def _defer(later: list[tuple[Message, Decision]], now: datetime) -> None:
    """Put deferred messages back in one UPDATE, each with its own time and reason."""
    when, reason, decided = [], [], []
    for message, decision in later:
        until = max(decision.until or now + ASK_AGAIN, now + timedelta(seconds=1))
        when.append(When(pk=message.pk, then=Value(until)))
        reason.append(When(pk=message.pk, then=Value(" ".join(decision.sentences)[:500])))
        decided.append(When(pk=message.pk, then=Value(decision.decision_id)))
    move_messages(
        Message.objects.filter(pk__in=[message.pk for message, _ in later]),
        old=[MessageStatus.CLAIMED],
        to=MessageStatus.QUEUED,
        next_attempt_at=Case(*when, output_field=DateTimeField()),
        wait_reason=Case(*reason),
        decision=Case(*decided),
        **UNCLAIMED,
    )


def _rest_until(decisions: list[Decision]) -> datetime | None:
    times = [
        decision.until
        for decision in decisions
        if decision.until and MAILBOX_CODES.issuperset(decision.codes)
    ]
    return min(times) if times else None


def hand_over(
    lease: Lease, message: Message, *, now: datetime, next_send_at: datetime | None
) -> bool:
    """Pass the point of no return; only True permits DATA.

    False: the message was stopped since it was claimed (a suppression, a reply, an
    unsubscribe, a paused campaign). Raises `LeaseLostError` when the mailbox was
    paused or another worker holds it.
    """
    deadline = time.monotonic() + GATE_PATIENCE
    while True:
        try:
            return _hand_over(lease, message, now=now, next_send_at=next_send_at)
        except gate.ShutError:
            if time.monotonic() > deadline or transaction.get_connection().in_atomic_block:
                return False
            time.sleep(0.02)


@transaction.atomic
def _hand_over(
    lease: Lease, message: Message, *, now: datetime, next_send_at: datetime | None
) -> bool:
    row = Message.objects.claimed_under(lease.owner, lease.fence).filter(pk=message.pk)
    moved = move_messages(
        row,
        old=[MessageStatus.CLAIMED],
        to=MessageStatus.HANDING_OVER,
        attempts=F("attempts") + 1,
        deaths=0,
    )
    # The mailbox's row after the message's, as whoever stops messages takes them.
    if not keep_lease(lease, now=now, next_send_at=next_send_at, sending=bool(moved)):
        raise LeaseLostError
    if not moved:
        return False
    if gate.is_refused(message):
        # Refused after it was claimed, and overlooked: the policy is asked again.
        transaction.set_rollback(True)
        return False
    return True


@transaction.atomic
def give_back(lease: Lease, *, unsent: Message | None = None, reason: str = "") -> int:
    """Put everything claimed but not handed over back into the queue, slots returned.

    Args:
        lease: whose claims.
        unsent: one that was handed over in the table but certainly not to the server.
        reason: why it waits, for people.
    """
    rows = Message.objects.claimed_under(lease.owner, lease.fence)
    old = [MessageStatus.CLAIMED]
    if unsent is not None:
        rows = rows.filter(pk=unsent.pk)
        old.append(MessageStatus.HANDING_OVER)
    pks = list(rows.filter(status__in=old).values_list("pk", flat=True))
    mine = Message.objects.filter(pk__in=pks).claimed_under(lease.owner, lease.fence)
    moved = move_messages(
        mine, old=old, to=MessageStatus.QUEUED, wait_reason=reason[:500], **UNCLAIMED
    )
    if moved:
        back = Message.objects.filter(pk__in=pks, status=MessageStatus.QUEUED)
        return_slots(back)
        cancel_recalled(back)
    return moved
