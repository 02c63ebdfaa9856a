"""Sends what is due: one pass over the mailboxes, each held by one worker at a time."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

import structlog
from django.db import connections
from django.utils import timezone

from mailer.models import Mailbox, Message
from mailer.services.leases import take_lease
from mailer.services.mailbox_pass import MailboxPass, SendReport
from mailer.services.reaping import ReapReport, reap
from mailer.services.uncertain import reconcile_uncertain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["ReapReport", "SendReport", "reap", "reconcile_uncertain", "send_due", "send_mailbox"]

log = structlog.get_logger(__name__)

# How long one call waits for slow servers; their mailboxes go on in the background.
BUDGET = 50.0


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
        threads: how many mailboxes at once. With more than one a slow server holds
            only its own thread: the call returns after a while, that mailbox goes on.
    """
    due = due_mailboxes(now or timezone.now(), mailbox_ids)
    if threads > 1:
        return _send_in_threads(due, threads)
    total = SendReport()
    for mailbox_id in due:
        left = None if limit is None else limit - total.sent
        if left == 0:
            break
        _add(total, send_mailbox(mailbox_id, now=now, limit=left))
    return total


def due_mailboxes(now: datetime, mailbox_ids: Sequence[int] | None = None) -> list[int]:
    """Return the mailboxes that have something due and may send it, longest waiting first."""
    rows = Mailbox.objects.sendable(now).free(now)
    if mailbox_ids is not None:
        rows = rows.filter(pk__in=mailbox_ids)
    waiting = Message.objects.due(now).values("mailbox")
    return list(
        rows.filter(pk__in=waiting).order_by("last_sent_at", "pk").values_list("pk", flat=True)
    )


def send_mailbox(
    mailbox_id: int, *, now: datetime | None = None, limit: int | None = None
) -> SendReport:
    """Do one pass over one mailbox, if it is free; what goes wrong there ends only that pass."""
    clock = timezone.now if now is None else lambda: now
    lease = take_lease(mailbox_id, now=clock())
    if lease is None:
        return SendReport()
    mailbox_pass = MailboxPass(lease, clock=clock, limit=limit)
    try:
        return mailbox_pass.run()
    except Exception:  # the other mailboxes must not wait for this one
        log.exception("pass_broken_off", mailbox=mailbox_id)
        return mailbox_pass.report


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """One pool a process, shared by all calls, so that slow servers cannot add up."""
    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix="mailbox")


def _send_in_threads(due: list[int], threads: int) -> SendReport:
    futures: list[Future[SendReport]] = [_pool(threads).submit(_in_thread, pk) for pk in due]
    done, waiting = wait(futures, timeout=BUDGET)
    for future in waiting:
        future.cancel()
    total = SendReport()
    for future in done:
        _add(total, future.result())
    return total


def _in_thread(mailbox_id: int) -> SendReport:
    try:
        return send_mailbox(mailbox_id)
    finally:
        connections.close_all()


def _add(total: SendReport, part: SendReport) -> None:
    for one in fields(SendReport):
        setattr(total, one.name, getattr(total, one.name) + getattr(part, one.name))
