"""Settles a message with what the server said, or did not say, in one transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from mailer import rules
from mailer.enums import AgentClass, EventKind, MessageStatus
from mailer.models import Message, MessageEvent, Thread
from mailer.services.moves import UNCLAIMED, move_messages
from mailer.services.outbox import cancel_recalled, return_slots
from mailer.signals import message_bounced, message_failed, messages_sent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from mailer.rules import SmtpReply
    from mailer.services.leases import Lease

log = structlog.get_logger(__name__)

ANNOUNCE_BATCH = 500


def record_sent(lease: Lease, message: Message, reply: SmtpReply, *, now: datetime) -> None:
    """Write down that the server took the e-mail, even after we were given up for dead."""
    rows = Message.objects.claimed_under(lease.owner, lease.fence).filter(pk=message.pk)
    move_messages(
        rows,
        old=[MessageStatus.HANDING_OVER, MessageStatus.UNCERTAIN],
        to=MessageStatus.SENT,
        sent_at=now,
        smtp_reply=reply.text,
        last_error="",
        wait_reason="",
    )


def record_uncertain(lease: Lease, message: Message, *, words: str) -> None:
    """Write down that nobody knows whether the server took it; it keeps its slots."""
    rows = Message.objects.claimed_under(lease.owner, lease.fence).filter(pk=message.pk)
    move_messages(
        rows,
        old=[MessageStatus.HANDING_OVER],
        to=MessageStatus.UNCERTAIN,
        last_error=f"No answer after the e-mail was handed over. {words}"[:1000],
    )


@transaction.atomic
def record_deferred(
    lease: Lease, message: Message, reply: SmtpReply | None, *, now: datetime, words: str = ""
) -> None:
    """Queue it again after a temporary refusal, or give up after five days of them.

    Without a reply the line was lost over it, and `words` say how: waiting too, it lets
    the others go first.
    """
    said = reply.text if reply else ""
    attempts = max(message.attempts, 0) + 1
    wait = rules.backoff(attempts)
    if wait is None:
        record_failed(lease, message, words=f"Tried for five days: {said or words}", now=now)
        return
    asked = f"The server asked to try again later: “{said}”." if said else words
    rows = Message.objects.claimed_under(lease.owner, lease.fence).filter(pk=message.pk)
    moved = move_messages(
        rows,
        old=[MessageStatus.CLAIMED, MessageStatus.HANDING_OVER],
        to=MessageStatus.QUEUED,
        attempts=attempts,
        next_attempt_at=now + wait,
        smtp_reply=said,
        wait_reason=asked[:500],
        **UNCLAIMED,
    )
    if moved:
        back = Message.objects.filter(pk=message.pk)
        return_slots(back)
        cancel_recalled(back)


def record_failed(
    lease: Lease,
    message: Message,
    *,
    words: str,
    now: datetime,
    reply: SmtpReply | None = None,
    refused_recipient: bool = False,
) -> None:
    """Write down a final refusal; a refused recipient is a bounce, hard when it is dead."""
    rows = Message.objects.claimed_under(lease.owner, lease.fence).filter(pk=message.pk)
    fail(rows, message, words=words, now=now, reply=reply, refused_recipient=refused_recipient)


@transaction.atomic
def fail(
    rows: QuerySet[Message],
    message: Message,
    *,
    words: str,
    now: datetime,
    reply: SmtpReply | None = None,
    refused_recipient: bool = False,
) -> None:
    """Give up on a message, if it still is among `rows` and in hand; tell who must know."""
    hard = reply is not None and rules.names_dead_address(reply)
    bounced = hard or refused_recipient
    moved = move_messages(
        rows,
        old=[MessageStatus.CLAIMED, MessageStatus.HANDING_OVER],
        to=MessageStatus.FAILED,
        smtp_reply=reply.text if reply else "",
        last_error=words[:1000],
        wait_reason="",
        bounced_at=now if hard else None,
        **UNCLAIMED,
    )
    if not moved:
        return
    return_slots(Message.objects.filter(pk=message.pk))
    kind = EventKind.FAILED
    if bounced:
        kind = EventKind.BOUNCED if hard else EventKind.SOFT_BOUNCED
    if hard:
        _suppress_dead(message, words)
    record_failure(message, words=words, now=now, kind=kind)


def record_failure(
    message: Message, *, words: str, now: datetime, kind: EventKind = EventKind.FAILED
) -> None:
    """Keep the event of a failed message and tell the other apps; in its transaction."""
    message.refresh_from_db()
    _event(message, kind, now, {"words": words[:500]})
    if kind != EventKind.FAILED:
        hard = kind == EventKind.BOUNCED
        message_bounced.send(sender=Message, message=message, inbound=None, hard=hard)
    message_failed.send(sender=Message, message=message)


def _suppress_dead(message: Message, words: str) -> None:
    suppress(
        agency=message.agency,
        kind=SuppressionKind.ADDRESS,
        values=[message.to_address],
        reason=SuppressionReason.BOUNCED,
        source=words[:200],
    )


def _event(message: Message, kind: EventKind, at: datetime, evidence: dict[str, str]) -> None:
    MessageEvent.objects.create(
        agency_id=message.agency_id,
        message=message,
        kind=kind,
        at=at,
        agent=AgentClass.UNKNOWN,
        evidence=evidence,
    )


def announce_sent(*, mailbox_id: int | None = None) -> int:
    """Tell the other apps of sent messages they were not told of; returns how many.

    Exactly once: the mark and what the listeners write are one transaction, so after a
    crash the reaper announces what was left.
    """
    total = 0
    while found := _announce_batch(mailbox_id):
        total += found
    return total


@transaction.atomic
def _announce_batch(mailbox_id: int | None) -> int:
    rows = Message.objects.filter(status=MessageStatus.SENT, announced=False)
    if mailbox_id is not None:
        rows = rows.filter(mailbox=mailbox_id)
    pks = list(rows.order_by("id").values_list("pk", flat=True)[:ANNOUNCE_BATCH])
    if not pks:
        return 0
    token = f"announced {timezone.now().timestamp()} {min(pks)}"
    Message.objects.filter(pk__in=pks, announced=False).update(announced=True, claimed_by=token)
    messages = list(
        Message.objects.filter(pk__in=pks, claimed_by=token)
        .select_related("mailbox", "thread")
        .order_by("id")
    )
    _note_sent(messages)
    if messages:
        messages_sent.send(sender=Message, messages=messages)
    return len(messages)


def _note_sent(messages: Sequence[Message]) -> None:
    MessageEvent.objects.bulk_create(
        MessageEvent(
            agency_id=message.agency_id,
            message=message,
            kind=EventKind.SENT,
            at=message.sent_at or timezone.now(),
            evidence={"reply": message.smtp_reply[:300]},
        )
        for message in messages
    )
    threads = {message.thread_id for message in messages if message.thread_id}
    newest = max((m.sent_at for m in messages if m.sent_at), default=timezone.now())
    Thread.objects.filter(pk__in=threads).update(last_message_at=newest)
