"""One worker's reading of one folder: each mail once, whatever dies in between.

The cursor (UIDVALIDITY and the last UID) moves in the same transaction that takes a
mail in. Where a server has given its folder a new UIDVALIDITY, what arrived lately is
read again and known by its Message-ID.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.db import OperationalError, transaction
from django.utils import timezone

from foundation.wake import wake
from mailer.enums import SetAsideStatus
from mailer.imap import Fetched, OpenFolder, RawMail, in_words
from mailer.models import InboundMessage, Mailbox
from mailer.reading import Reading, read_mail
from mailer.sent_folder import ERRORS as IMAP_ERRORS
from mailer.services import inbox, set_aside
from mailer.services.matching import Match, find_matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mailer.services.lanes import Waiting

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)
BATCH = 20
TRIES = 3
# A mail at which reading was broken off so often, and for so long, is set aside unread: it
# is the mail then, and no longer the line.
STUCK = timedelta(minutes=30)
# One pass takes a mailbox no longer than this, in seconds; the next goes on.
PASS_TIME = 120.0
# How far back a mailbox is read at first, and again after a new UIDVALIDITY.
BEFORE_FIRST = timedelta(days=2)
BEFORE_AGAIN = timedelta(days=30)
# Added to the UIDVALIDITY (32 bits) each time UIDs went backward under the same one.
_RENUMBERED = 1 << 32
_BROKEN_OFF = "Reading was broken off {tries} times at this mail. {error}"
_WITHHELD = "The server lists this mail and does not hand it over."
_GONE = "It is no longer where it was found: it was deleted, or the folder has new numbers."


@dataclass
class ReadReport:
    """What one pass over a mailbox did; `error` is for people."""

    seen: int = 0
    stored: int = 0
    set_aside: int = 0
    error: str = ""
    busy: bool = False


class LeaseLostError(Exception):
    """Another worker reads this mailbox now."""


@dataclass
class ReadingPass:
    """The state of one reading: the folder, the lease, where the cursor stands."""

    mailbox: Mailbox
    folder: OpenFolder
    owner: str
    report: ReadReport
    waiting: Waiting
    uidvalidity: int = 0

    def run(self, now: datetime) -> None:
        """Take in everything new, batch by batch, for as long as a turn lasts."""
        began = time.monotonic()
        # After a reading that was broken off each mail is fetched by itself.
        size = 1 if self.mailbox.read_tries else BATCH
        with self._server():
            uids = self._new_uids(now)
        self._try_again()
        for start in range(0, len(uids), size):
            if time.monotonic() > began + PASS_TIME:
                wake(current_app.signature("mailer.read_mailboxes"), [self.mailbox.pk])
                return
            self._read(uids[start : start + size], now)
        if not uids:
            self._advance(self.mailbox.read_uid)

    def _read(self, uids: Sequence[int], now: datetime) -> None:
        if self._is_stuck(now):
            self._pass_over(uids[0])
            uids = uids[1:]
        if not uids:
            return
        self._begin(now)
        with self._server():
            fetched = self.folder.fetch(uids)
        self._ask_again(fetched.withheld)
        self._take_batch(fetched.mails)
        self._advance(uids[-1])

    @contextmanager
    def _server(self) -> Iterator[None]:
        """Wait for the server; what goes wrong there is said in plain words."""
        try:
            with self.waiting:
                yield
        except IMAP_ERRORS as error:
            raise in_words(error, self.mailbox) from error
        self.waiting.restart()

    def _new_uids(self, now: datetime) -> list[int]:
        """Return what to read; starts over when the folder's UIDs mean other mails.

        The UIDVALIDITY says so, or UIDs that have gone backward, as no server should.
        Then the number stored is another one too, so that no mail is taken for an old one.
        """
        mailbox, stored = self.mailbox, self.mailbox.read_uidvalidity
        self.uidvalidity = self.folder.uidvalidity
        if stored is not None and stored % _RENUMBERED == self.uidvalidity:
            backward = 0 < self.folder.uidnext < mailbox.read_uid
            self.uidvalidity = stored + _RENUMBERED if backward else stored
        if stored == self.uidvalidity:
            return self.folder.uids_after(mailbox.read_uid)
        if stored is None:
            since = mailbox.created_at - BEFORE_FIRST
        else:
            since = (mailbox.last_read_at or now) - BEFORE_AGAIN
        mailbox.read_uid = 0
        return self.folder.uids_since(since.date())

    # What cannot be read ------------------------------------------------------------

    def _begin(self, now: datetime) -> None:
        """Count the try before anything can break it off, a dying worker included."""
        mailbox = self.mailbox
        mailbox.read_tries = min(mailbox.read_tries + 1, 1000)
        mailbox.read_stuck_at = mailbox.read_stuck_at or now
        Mailbox.objects.filter(pk=mailbox.pk, read_lease_owner=self.owner).update(
            read_tries=mailbox.read_tries, read_stuck_at=mailbox.read_stuck_at
        )

    def _is_stuck(self, now: datetime) -> bool:
        stuck_at = self.mailbox.read_stuck_at
        long = stuck_at is not None and stuck_at <= now - STUCK
        return long and self.mailbox.read_tries >= TRIES

    def _pass_over(self, uid: int) -> None:
        """Set the mail aside at which reading is broken off again and again."""
        mailbox = self.mailbox
        words = _BROKEN_OFF.format(tries=mailbox.read_tries, error=mailbox.last_read_error)
        set_aside.note(mailbox, self._where(uid), words, tries=mailbox.read_tries)
        self.report.set_aside += 1
        self._advance(uid)

    def _ask_again(self, uids: Sequence[int]) -> None:
        """Ask, one by one, for what the server has and did not hand over."""
        for uid in uids:
            for _ in range(TRIES - 1):
                with self._server():
                    again = self.folder.fetch([uid])
                if not again.withheld:
                    self._take_batch(again.mails, moving=False)
                    break
            else:
                set_aside.note(self.mailbox, self._where(uid), _WITHHELD, tries=TRIES)
                self.report.set_aside += 1

    def _try_again(self) -> None:
        """Read what people asked to have read again."""
        for row in set_aside.asked_again(self.mailbox):
            here = row.folder == self.folder.name and row.uidvalidity == self.uidvalidity
            fetched = Fetched([])
            if here:
                with self._server():
                    fetched = self.folder.fetch([row.uid])
            took = [self._take_one(mail, None, None, moving=False) for mail in fetched.mails]
            if not took:
                reason = _WITHHELD if fetched.withheld else _GONE
                set_aside.move(row, SetAsideStatus.WAITING, reason=reason)
            elif took != ["set aside"]:
                set_aside.move(row, SetAsideStatus.TAKEN)

    # What can -----------------------------------------------------------------------

    def _take_batch(self, mails: Sequence[RawMail], *, moving: bool = True) -> None:
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
            took = self._take_one(mail, reading, match, moving=moving)
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

    def _take_one(
        self, mail: RawMail, reading: Reading | None, match: Match | None, *, moving: bool = True
    ) -> str:
        """Take in one mail and move the cursor past it; set it aside after three tries."""
        cursor = mail.uid if moving else self.mailbox.read_uid
        reason = ""
        for _ in range(TRIES):
            try:
                with transaction.atomic():
                    inbound = self._store(mail, reading, match)
                    self._advance(cursor)
            except (OperationalError, LeaseLostError):
                raise
            except Exception as error:
                log.exception("mail_not_taken_in", mailbox=self.mailbox.pk, uid=mail.uid)
                reason = f"It could not be understood ({type(error).__name__}: {error})."
            else:
                return "stored" if inbound else "passed over"
        with transaction.atomic():
            where = self._where(mail.uid)
            set_aside.note(self.mailbox, where, reason, tries=TRIES, raw=mail.raw)
            self._advance(cursor)
        return "set aside"

    def _store(
        self, mail: RawMail, reading: Reading | None, match: Match | None
    ) -> InboundMessage | None:
        now = timezone.now()
        return inbox.take_in_reading(
            self.mailbox,
            reading or read_mail(mail.raw, today=now.date()),
            raw=mail.raw,
            where=self._where(mail.uid),
            now=now,
            match=match,
        )

    def _where(self, uid: int) -> dict[str, Any]:
        return {"folder": self.folder.name, "uidvalidity": self.uidvalidity, "uid": uid}

    def _advance(self, uid: int) -> None:
        """Move the cursor and prolong the lease; raises when another worker holds it."""
        changes = {
            "read_uidvalidity": self.uidvalidity,
            "read_uid": uid,
            "read_tries": 0,
            "read_stuck_at": None,
        }
        moved = Mailbox.objects.filter(pk=self.mailbox.pk, read_lease_owner=self.owner).update(
            read_lease_until=timezone.now() + LEASE, **changes
        )
        if not moved:
            raise LeaseLostError
        for name, value in changes.items():
            setattr(self.mailbox, name, value)
