"""Settles uncertain messages: found in the Sent folder, answered, or judged by a person."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from mailer import rules
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.sent_folder import SentFolderError, find_sent
from mailer.services.moves import UNCLAIMED, move_messages
from mailer.services.outbox import wake_sender
from mailer.services.settling import announce_sent, record_failure
from mailer.signals import message_requeued

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

log = structlog.get_logger(__name__)

PER_MAILBOX = 200


def confirm_sent(messages: Iterable[Message], *, evidence: str, now: datetime) -> int:
    """Mark uncertain messages sent on evidence (found in Sent, answered, bounced)."""
    pks = [message.pk for message in messages]
    moved = move_messages(
        Message.objects.filter(pk__in=pks),
        old=[MessageStatus.UNCERTAIN],
        to=MessageStatus.SENT,
        sent_at=Coalesce(F("claimed_at"), now),
        smtp_reply=evidence[:1000],
        last_error="",
    )
    if moved:
        announce_sent()
    return moved


class NotAgainError(Exception):
    """A message that must not be sent again; the message says why."""


@transaction.atomic
def send_again(message: Message, *, now: datetime | None = None) -> bool:
    """Queue a failed or uncertain message again, same Message-ID: only a person may ask.

    Raises `NotAgainError` when whoever planned it has a reason against it.
    """
    now = now or timezone.now()
    moved = move_messages(
        Message.objects.filter(pk=message.pk),
        old=[MessageStatus.FAILED, MessageStatus.UNCERTAIN],
        to=MessageStatus.QUEUED,
        next_attempt_at=now,
        attempts=0,
        held=False,
        smtp_reply="",
        last_error="",
        wait_reason="Queued again by hand.",
        deaths=0,
        recalled="",
        **UNCLAIMED,
    )
    if moved:
        message_requeued.send(sender=Message, message=message)
        _keep_slots(message)
        wake_sender()
    return bool(moved)


def _keep_slots(message: Message) -> None:
    """Keep what the first try counted: it may have gone out, and the next counts anew."""
    row = Message.objects.get(pk=message.pk)
    if row.reservations:
        Message.objects.filter(pk=row.pk).update(
            spent=[*row.spent, *row.reservations], reservations=[]
        )


@transaction.atomic
def give_up(message: Message, *, words: str, now: datetime) -> bool:
    """Settle an uncertain message as not sent: a person knows it did not arrive.

    It keeps its cap slots, for the server may have taken it all the same.
    """
    moved = move_messages(
        Message.objects.filter(pk=message.pk),
        old=[MessageStatus.UNCERTAIN],
        to=MessageStatus.FAILED,
        last_error=words[:1000],
        wait_reason="",
        **UNCLAIMED,
    )
    if moved:
        record_failure(message, words=words, now=now)
    return bool(moved)


def reconcile_uncertain(now: datetime | None = None) -> int:
    """Look for uncertain messages in their mailboxes' Sent folders; returns how many it found.

    Found means sent. Not found proves nothing: it stays uncertain and is never resent.
    """
    now = now or timezone.now()
    waiting: dict[int, list[Message]] = defaultdict(list)
    rows = Message.objects.filter(
        status=MessageStatus.UNCERTAIN, claimed_at__gte=now - rules.LOOK_FOR_SENT
    ).order_by("id")
    for message in rows:
        waiting[message.mailbox_id].append(message)
    mailboxes = Mailbox.objects.filter(pk__in=waiting).exclude(imap_host="")
    found = 0
    for mailbox in mailboxes.exclude(status=MailboxStatus.ARCHIVED):
        seen = _seen_in_sent(mailbox, waiting[mailbox.pk][:PER_MAILBOX])
        evidence = f"Found in the mailbox's Sent folder on {now:%-d %B %Y at %H:%M} UTC."
        found += confirm_sent(seen, evidence=evidence, now=now)
    return found


def _seen_in_sent(mailbox: Mailbox, messages: list[Message]) -> list[Message]:
    try:
        found = find_sent(mailbox, [message.message_id for message in messages])
    except SentFolderError as error:
        log.warning("sent_folder_closed", mailbox=mailbox.pk, error=str(error))
        return []
    return [message for message in messages if message.message_id in found]
