"""Sends what is due: one pass over the mailboxes, each held by one worker at a time."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.utils import timezone

from mailer.enums import MailboxStatus
from mailer.models import Mailbox, Message
from mailer.services.lanes import Job, Lanes, Waiting, Width
from mailer.services.leases import take_lease
from mailer.services.mailbox_pass import MailboxPass, SendReport
from mailer.services.reaping import ReapReport, reap
from mailer.services.uncertain import reconcile_uncertain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["ReapReport", "SendReport", "reap", "reconcile_uncertain", "send_due", "send_mailbox"]

log = structlog.get_logger(__name__)

# How long one call goes on; what it began goes on in the background.
BUDGET = 50.0
# How long a mailbox keeps to the slow lane after its server was slow.
SLOW_FOR = timedelta(hours=1)


def send_due(
    now: datetime | None = None,
    mailbox_ids: Sequence[int] | None = None,
    limit: int | None = None,
    *,
    threads: int = 1,
) -> SendReport:
    """Send what is due, one pass over every mailbox that may send; returns the totals.

    Args:
        now: the moment to act at; the clock when not given.
        mailbox_ids: only these mailboxes.
        limit: at most so many e-mails (kept exactly with one thread).
        threads: how many mailboxes at once. With more than one, slow servers have
            lanes of their own: the call returns without them, they go on.
    """
    due = due_mailboxes(now or timezone.now(), mailbox_ids)
    if threads > 1:
        return _send_in_threads(due, threads)
    total = SendReport()
    for job in due:
        left = None if limit is None else limit - total.sent
        if left == 0:
            break
        _add(total, send_mailbox(job.mailbox_id, now=now, limit=left))
    return total


def due_mailboxes(now: datetime, mailbox_ids: Sequence[int] | None = None) -> list[Job]:
    """Return the mailboxes that have something due and may send it, longest waiting first.

    Slow ones are those that were slow lately, and those in trouble, which may well be.
    """
    rows = Mailbox.objects.sendable(now).free(now)
    if mailbox_ids is not None:
        rows = rows.filter(pk__in=mailbox_ids)
    waiting = Message.objects.due(now).values("mailbox")
    found = rows.filter(pk__in=waiting).order_by("last_sent_at", "pk")
    return [
        Job(pk, slow=status != MailboxStatus.ACTIVE or (until is not None and until > now))
        for pk, status, until in found.values_list("pk", "status", "slow_until")
    ]


def send_mailbox(
    mailbox_id: int,
    *,
    now: datetime | None = None,
    limit: int | None = None,
    waiting: Waiting | None = None,
) -> SendReport:
    """Do one pass over one mailbox, if it is free; what goes wrong there ends only that pass.

    `waiting` is the clock by which slow servers are told.
    """
    clock = timezone.now if now is None else lambda: now
    lease = take_lease(mailbox_id, now=clock())
    if lease is None:
        return SendReport()
    mailbox_pass = MailboxPass(lease, clock=clock, limit=limit, waiting=waiting or Waiting())
    try:
        return mailbox_pass.run()
    except Exception:  # the other mailboxes must not wait for this one
        log.exception("pass_broken_off", mailbox=mailbox_id)
        return mailbox_pass.report


@cache
def _lanes(threads: int) -> Lanes[SendReport]:
    """One set of lanes a process, shared by all calls, so that slow servers cannot add up."""
    return Lanes(
        "sending",
        width=Width(threads, threads // 2, threads // 2),
        patience=settings.SLOW_AFTER,
        work=_turn,
        note=_note_pace,
    )


def _turn(job: Job, waiting: Waiting) -> SendReport:
    return send_mailbox(job.mailbox_id, waiting=waiting)


def _note_pace(job: Job, slow: bool) -> None:  # noqa: FBT001  # a callback of one argument more
    """Remember for a while that a server is slow; forget it when it no longer is."""
    if slow != job.slow or slow:
        until = timezone.now() + SLOW_FOR if slow else None
        Mailbox.objects.filter(pk=job.mailbox_id).update(slow_until=until)


def _send_in_threads(jobs: list[Job], threads: int) -> SendReport:
    total = SendReport()
    for part in _lanes(threads).run(jobs, budget=BUDGET):
        _add(total, part)
    return total


def _add(total: SendReport, part: SendReport) -> None:
    for one in fields(SendReport):
        setattr(total, one.name, getattr(total, one.name) + getattr(part, one.name))
