"""Reads mailboxes over IMAP: which, when, by whom, and what it means when it fails."""

from __future__ import annotations

import random
import secrets
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.wake import wake
from mailer.enums import Trouble
from mailer.imap import ReadError, open_folder
from mailer.models import Mailbox
from mailer.services.incidents import end_trouble, note_trouble
from mailer.services.lanes import Job, Lanes, Waiting, Width
from mailer.services.reading_pass import LEASE, LeaseLostError, ReadingPass, ReadReport
from mailer.services.threads import wake_snoozed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["LEASE", "ReadReport", "read_inboxes", "read_mailbox", "read_mailboxes", "readable"]

log = structlog.get_logger(__name__)

# A wrong password tried too often locks the account.
WAIT_AFTER_REFUSAL = timedelta(hours=1)
# Mailboxes handed to one worker at a time, and how long it goes on, in seconds.
HANDFUL = 50
BUDGET = 240.0
# How long a server is waited for while a person waits, in seconds, all answers together.
ASKED_TIME = 20.0
# How long a mailbox keeps to the slow lane after its server was slow.
SLOW_FOR = timedelta(hours=1)


def read_inboxes() -> int:
    """Have every mailbox read, the longest unread first; returns how many.

    Snoozed threads whose time has come open at the same beat.
    """
    now = timezone.now()
    wake_snoozed(now=now)
    rows = readable(now).order_by(models.F("last_read_at").asc(nulls_first=True), "id")
    pks = list(rows.values_list("pk", flat=True))
    for start in range(0, len(pks), HANDFUL):
        wake(current_app.signature("mailer.read_mailboxes"), pks[start : start + HANDFUL])
    return len(pks)


def readable(now: datetime) -> models.QuerySet[Mailbox]:
    """Return the mailboxes that may be read and that nobody reads."""
    free = models.Q(read_lease_until=None) | models.Q(read_lease_until__lt=now)
    return Mailbox.objects.in_use().filter(free).exclude(imap_host="")


def read_mailboxes(mailbox_ids: Sequence[int]) -> int:
    """Read some mailboxes at once; a slow server holds up no other. Returns how many ended."""
    return len(_lanes().run(reading_jobs(mailbox_ids, timezone.now()), budget=BUDGET))


def reading_jobs(mailbox_ids: Sequence[int], now: datetime) -> list[Job]:
    """Return the turns of those that may be read, the longest unread first.

    Slow ones and those in trouble come by lot: one that can never be read stays the longest
    unread, and must not take the few slow places for ever.
    """
    rows = readable(now).filter(pk__in=mailbox_ids)
    rows = rows.order_by(models.F("last_read_at").asc(nulls_first=True), "pk")
    jobs = [
        Job(pk, slow=bool(error) or (until is not None and until > now))
        for pk, error, until in rows.values_list("pk", "last_read_error", "read_slow_until")
    ]
    slow = [job for job in jobs if job.slow]
    random.shuffle(slow)
    return [*(job for job in jobs if not job.slow), *slow]


@cache
def _lanes() -> Lanes[ReadReport]:
    """One set of lanes a process, shared by all calls."""
    threads = settings.READ_THREADS
    return Lanes(
        "reading",
        width=Width(threads, threads // 2, threads // 2),
        patience=settings.SLOW_AFTER,
        work=lambda job, waiting: read_mailbox(job.mailbox_id, waiting=waiting),
        note=_note_pace,
    )


def _note_pace(job: Job, slow: bool) -> None:  # noqa: FBT001  # a callback of one argument more
    if slow or job.slow:
        until = timezone.now() + SLOW_FOR if slow else None
        Mailbox.objects.filter(pk=job.mailbox_id).update(read_slow_until=until)


def read_mailbox(
    mailbox_id: int,
    *,
    now: datetime | None = None,
    asked: bool = False,
    waiting: Waiting | None = None,
) -> ReadReport:
    """Read what is new in one mailbox.

    Args:
        mailbox_id: which.
        now: the time; tests fix it.
        asked: a person waits for it: a wait after a refused password does not count, and
            a slow server is not waited for long.
        waiting: the clock by which slow servers are told.
    """
    now = now or timezone.now()
    owner = _take_lease(mailbox_id, now, asked=asked)
    if not owner:
        return ReadReport(busy=True)
    mailbox = Mailbox.objects.select_related("agency").get(pk=mailbox_id)
    report = ReadReport()
    waiting = waiting or Waiting()
    wait = None
    try:
        with ExitStack() as stack:
            with waiting:
                seconds = ASKED_TIME if asked else None
                folder = stack.enter_context(open_folder(mailbox, seconds=seconds))
            ReadingPass(mailbox, folder, owner, report, waiting).run(now)
    except ReadError as error:
        report.error = str(error)[:500]
        wait = WAIT_AFTER_REFUSAL if error.refused else None
        log.warning("mailbox_not_read", mailbox=mailbox_id, error=report.error)
        kind = Trouble.READ_LOGIN if error.refused else Trouble.READING
        note_trouble(mailbox, kind, reason=report.error, tries=None, now=now)
    except LeaseLostError:
        report.busy = True
    else:
        if mailbox.last_read_error:
            end_trouble(mailbox.pk, reading=True, ending="It was read again.", now=now)
    finally:
        _end_lease(mailbox_id, owner, report, now, wait)
    return report


def _take_lease(mailbox_id: int, now: datetime, *, asked: bool) -> str:
    owner = secrets.token_hex(8)
    rows = Mailbox.objects.in_use().filter(pk=mailbox_id).exclude(imap_host="")
    free = models.Q(read_lease_until=None) | models.Q(read_lease_until__lt=now)
    if asked:
        free |= models.Q(read_lease_owner="")
    taken = rows.filter(free).update(read_lease_owner=owner, read_lease_until=now + LEASE)
    return owner if taken else ""


def _end_lease(
    mailbox_id: int, owner: str, report: ReadReport, now: datetime, wait: timedelta | None
) -> None:
    changes: dict[str, Any] = {
        "read_lease_owner": "",
        "read_lease_until": now + wait if wait else None,
        "last_read_error": report.error,
    }
    if not report.error:
        changes["last_read_at"] = now
    Mailbox.objects.filter(pk=mailbox_id, read_lease_owner=owner).update(**changes)
