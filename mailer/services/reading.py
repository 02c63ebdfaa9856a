"""Reads mailboxes over IMAP: each mail once, whatever dies in between.

The cursor (UIDVALIDITY and the last UID) moves in the same transaction that takes a
mail in. Where a server has given its folder a new UIDVALIDITY, what arrived lately is
read again and known by its Message-ID.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.db import OperationalError, models, transaction
from django.utils import timezone

from foundation.wake import wake
from mailer.imap import OpenFolder, RawMail, ReadError, in_words, open_folder
from mailer.models import InboundMessage, Mailbox, SetAsideMail
from mailer.reading import Reading, read_mail
from mailer.sent_folder import ERRORS as IMAP_ERRORS
from mailer.services.inbox import take_in_reading
from mailer.services.matching import Match, find_matches
from mailer.services.threads import wake_snoozed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)
BATCH = 20
TRIES = 3
# A wrong password tried too often locks the account.
WAIT_AFTER_REFUSAL = timedelta(hours=1)
# How far back a mailbox is read at first, and again after a new UIDVALIDITY.
BEFORE_FIRST = timedelta(days=2)
BEFORE_AGAIN = timedelta(days=30)


@dataclass
class ReadReport:
    """What one pass over a mailbox did; `error` is for people."""

    seen: int = 0
    stored: int = 0
    set_aside: int = 0
    error: str = ""
    busy: bool = False


class _LeaseLostError(Exception):
    """Another worker reads this mailbox now."""


def read_inboxes() -> int:
    """Wake a reading of every mailbox, the longest unread first; returns how many.

    Snoozed threads whose time has come open at the same beat.
    """
    now = timezone.now()
    wake_snoozed(now=now)
    rows = readable(now).order_by(models.F("last_read_at").asc(nulls_first=True), "id")
    pks = list(rows.values_list("pk", flat=True))
    for pk in pks:
        wake(current_app.signature("mailer.read_mailbox"), pk)
    return len(pks)


def readable(now: datetime) -> models.QuerySet[Mailbox]:
    """Return the mailboxes that may be read and that nobody reads."""
    free = models.Q(read_lease_until=None) | models.Q(read_lease_until__lt=now)
    return Mailbox.objects.in_use().filter(free).exclude(imap_host="")


def read_mailbox(
    mailbox_id: int, *, now: datetime | None = None, asked: bool = False
) -> ReadReport:
    """Read what is new in one mailbox.

    Args:
        mailbox_id: which.
        now: the time; tests fix it.
        asked: a person waits for it: a wait after a refused password does not count.
    """
    now = now or timezone.now()
    owner = _take_lease(mailbox_id, now, asked=asked)
    if not owner:
        return ReadReport(busy=True)
    mailbox = Mailbox.objects.select_related("agency").get(pk=mailbox_id)
    report = ReadReport()
    wait = None
    try:
        with open_folder(mailbox) as folder:
            _Pass(mailbox, folder, owner, report).run(now)
    except ReadError as error:
        report.error = str(error)[:500]
        wait = WAIT_AFTER_REFUSAL if error.refused else None
        log.warning("mailbox_not_read", mailbox=mailbox_id, error=report.error)
    except _LeaseLostError:
        report.busy = True
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


@dataclass
class _Pass:
    """One worker's reading of one folder."""

    mailbox: Mailbox
    folder: OpenFolder
    owner: str
    report: ReadReport

    def run(self, now: datetime) -> None:
        """Take in everything new, batch by batch."""
        uids = self._new_uids(now)
        for start in range(0, len(uids), BATCH):
            batch = uids[start : start + BATCH]
            try:
                mails = self.folder.fetch(batch)
            except IMAP_ERRORS as error:
                raise in_words(error, self.mailbox) from error
            self._take_batch(mails)
            self._advance(batch[-1])
        if not uids:
            self._advance(self.mailbox.read_uid)

    def _new_uids(self, now: datetime) -> list[int]:
        """Return what to read; starts over when the folder's UIDs mean other mails."""
        mailbox = self.mailbox
        if mailbox.read_uidvalidity == self.folder.uidvalidity:
            return self.folder.uids_after(mailbox.read_uid)
        if mailbox.read_uidvalidity is None:
            since = mailbox.created_at - BEFORE_FIRST
        else:
            since = (mailbox.last_read_at or now) - BEFORE_AGAIN
        mailbox.read_uid = 0
        return self.folder.uids_since(since.date())

    def _take_batch(self, mails: Sequence[RawMail]) -> None:
        """Read and match a batch together, then take in each mail by itself."""
        prepared = self._prepare(mails)
        heard: set[str] = set()
        for mail in mails:
            reading, match = prepared.get(mail.uid, (None, None))
            if reading and match and not match.belongs and reading.from_address in heard:
                match = None  # they answered from this address earlier in the batch
            self.report.seen += 1
            if match and not match.belongs and not match.own:
                continue
            took = self._take_one(mail, reading, match)
            self.report.stored += took == "stored"
            self.report.set_aside += took == "set aside"
            if reading and took == "stored":
                heard.add(reading.from_address)

    def _prepare(self, mails: Sequence[RawMail]) -> dict[int, tuple[Reading, Match]]:
        today = timezone.now().date()
        try:
            readings = [read_mail(mail.raw, today=today) for mail in mails]
            matches = find_matches(self.mailbox, readings)
        except OperationalError:
            raise
        except Exception:
            # One of them is poison; each is tried by itself.
            log.exception("batch_not_read", mailbox=self.mailbox.pk)
            return {}
        pairs = zip(readings, matches, strict=True)
        return {mail.uid: pair for mail, pair in zip(mails, pairs, strict=True)}

    def _take_one(self, mail: RawMail, reading: Reading | None, match: Match | None) -> str:
        """Take in one mail and move the cursor past it; set it aside after three tries."""
        for _ in range(TRIES):
            try:
                with transaction.atomic():
                    inbound = self._store(mail, reading, match)
                    self._advance(mail.uid)
            except (OperationalError, _LeaseLostError):
                raise
            except Exception as error:
                log.exception("mail_not_taken_in", mailbox=self.mailbox.pk, uid=mail.uid)
                self._set_aside(mail, error)
            else:
                return "stored" if inbound else "passed over"
        self._advance(mail.uid)
        return "set aside"

    def _store(
        self, mail: RawMail, reading: Reading | None, match: Match | None
    ) -> InboundMessage | None:
        now = timezone.now()
        return take_in_reading(
            self.mailbox,
            reading or read_mail(mail.raw, today=now.date()),
            raw=mail.raw,
            where=self._where(mail),
            now=now,
            match=match,
        )

    def _where(self, mail: RawMail) -> dict[str, Any]:
        folder = self.folder
        return {"folder": folder.name, "uidvalidity": folder.uidvalidity, "uid": mail.uid}

    def _set_aside(self, mail: RawMail, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"[:500].replace("\x00", "")
        row, _ = SetAsideMail.objects.get_or_create(
            mailbox=self.mailbox,
            **self._where(mail),
            defaults={"agency_id": self.mailbox.agency_id},
        )
        SetAsideMail.objects.filter(pk=row.pk).update(
            tries=models.F("tries") + 1, reason=reason, at=timezone.now()
        )

    def _advance(self, uid: int) -> None:
        """Move the cursor and prolong the lease; raises when another worker holds it."""
        moved = Mailbox.objects.filter(pk=self.mailbox.pk, read_lease_owner=self.owner).update(
            read_uidvalidity=self.folder.uidvalidity,
            read_uid=uid,
            read_lease_until=timezone.now() + LEASE,
        )
        if not moved:
            raise _LeaseLostError
        self.mailbox.read_uidvalidity = self.folder.uidvalidity
        self.mailbox.read_uid = uid
