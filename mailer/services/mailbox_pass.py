"""One worker's pass over one mailbox it holds: claim, connect, offer, hand over, settle."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from mailer import rules
from mailer.enums import MailboxStatus, Trouble
from mailer.headers import HeaderError
from mailer.models import Mailbox, Message
from mailer.selectors_signing import Builder, SigningKeyError, builder_of
from mailer.services import claims, mailboxes, poison, settling
from mailer.services.claims import LeaseLostError
from mailer.services.lanes import Waiting
from mailer.services.leases import Lease, end_lease
from mailer.services.opening import open_smtp
from mailer.services.patience import persist
from mailer.smtp import Connection, SmtpError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.wire import WireMail

log = structlog.get_logger(__name__)

BATCH = 25
# So few until the server has taken one: what it does not take was asked about in vain.
FIRST = 3
# A longer gap than this ends the pass: sleeping would hold a worker.
SHORT_GAP = timedelta(seconds=2)
# One pass keeps a mailbox no longer than this; the next one goes on. Slow servers share
# fewer threads, so their turns are shorter.
PASS_TIME = 240.0
SLOW_PASS_TIME = 30.0
# Connections lost in a row before the server is left alone.
LOSSES = 3
_TOO_BIG = "The e-mail has {size:,} bytes; the server takes no more than {limit:,}."


@dataclass
class SendReport:
    """What a pass did, in numbers of messages."""

    mailboxes: int = 0
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    uncertain: int = 0
    stopped: int = 0


class UnsendableError(Exception):
    """This e-mail cannot go over this connection, now or later."""


class EndPassError(Exception):
    """The mailbox has to stop for now; everything about that is already written down."""


@dataclass
class MailboxPass:
    """The state of one pass: the lease, the connection, what is in hand."""

    lease: Lease
    clock: Callable[[], datetime] = timezone.now
    limit: int | None = None
    report: SendReport = field(default_factory=SendReport)
    connection: Connection | None = None
    losses: int = 0
    builder: Builder = field(default_factory=Builder)
    on_trial: bool = False
    waiting: Waiting = field(default_factory=Waiting)

    def run(self) -> SendReport:
        """Send until nothing is due, the mailbox must rest, or the time is up."""
        self.report.mailboxes = 1
        try:
            self._probe()
            self._send_batches()
        except (LeaseLostError, EndPassError):
            pass
        finally:
            if self.connection is not None:
                self.connection.close()
            persist(lambda: claims.give_back(self.lease))
            persist(lambda: end_lease(self.lease))
            self._announce()
        return self.report

    def _announce(self) -> None:
        """Tell the other apps; what a listener fails at is announced again by the reaper."""
        try:
            settling.announce_sent(mailbox_id=self.lease.mailbox_id)
        except Exception:  # a listener's fault must not stop the mail
            log.exception("announcing_failed", mailbox=self.lease.mailbox_id)

    def _probe(self) -> None:
        """Find out whether a stopped mailbox's server talks to us again."""
        mailbox = Mailbox.objects.get(pk=self.lease.mailbox_id)
        self.on_trial = mailbox.failures > 0
        if mailbox.status == MailboxStatus.ACTIVE:
            return
        try:
            with self.waiting:
                self._connect(mailbox)
        except SmtpError as error:
            self._fail(error)
        mailboxes.readmit_mailbox(self.lease, now=self.clock())

    def _send_batches(self) -> None:
        began = time.monotonic()
        while time.monotonic() < began + self._pass_time() and self.limit != 0:
            batch, rest = claims.claim_messages(self.lease, now=self.clock(), size=self._size())
            if not batch and rest is not None:
                mailboxes.rest_mailbox(self.lease, until=rest)
            if not batch:
                return
            self.builder = self._builder(batch[0].mailbox)
            for message in batch:
                self._send(message)
                if self.limit == 0 or self._is_over(began):
                    break
            self._announce()

    def _pass_time(self) -> float:
        return SLOW_PASS_TIME if self.waiting.slow else PASS_TIME

    def _is_over(self, began: float) -> bool:
        """Whether a slow server's turn is over; the rest of its batch goes back."""
        return self.waiting.slow and time.monotonic() > began + SLOW_PASS_TIME

    def _size(self) -> int:
        gap = Mailbox.objects.values_list("gap_seconds", flat=True).get(pk=self.lease.mailbox_id)
        alone = self.waiting.slow or timedelta(seconds=gap) > SHORT_GAP
        size = 1 if alone else BATCH if self.report.sent else FIRST
        return size if self.limit is None else min(size, self.limit)

    def _builder(self, mailbox: Mailbox) -> Builder:
        try:
            return builder_of(mailbox)
        except SigningKeyError as error:
            self._fail(SmtpError("sign", str(error)))

    # One message ----------------------------------------------------------------------

    def _send(self, message: Message) -> None:
        try:
            mail = self.builder.build(message, now=self.clock())
            with self.waiting:
                self._offer(message.mailbox, mail)
        except (HeaderError, UnsendableError) as error:
            self._failed(message, str(error))
            return
        except SmtpError as error:
            self._not_accepted(message, error)
            return
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            if self.connection is None or not self.connection.is_open:
                raise  # the mailbox's fault, not this e-mail's
            # Poison: the e-mails behind it must not wait for ever.
            log.exception("message_not_prepared", message=message.pk)
            self._stumbled(message, error)
            return
        gap = _gap(message.mailbox)
        now = self.clock()
        try:
            won = claims.hand_over(self.lease, message, now=now, next_send_at=now + gap)
        except BaseException:
            # Nothing was sent, whatever the table says.
            persist(lambda: claims.give_back(self.lease, unsent=message))
            raise
        if not won:
            self.report.stopped += 1
            self._reset()
            return
        self._deliver(message, mail)
        self._pause(gap)

    def _connect(self, mailbox: Mailbox) -> Connection:
        if self.connection is None or not self.connection.is_open:
            self.connection = open_smtp(mailbox)
        return self.connection

    def _offer(self, mailbox: Mailbox, mail: WireMail) -> None:
        """Offer sender and recipient; a kept connection that went stale is renewed once."""
        reused = self.connection is not None and self.connection.is_open
        try:
            self._offer_once(mailbox, mail)
        except SmtpError as error:
            if not reused or error.reply is not None:
                raise
            self._offer_once(mailbox, mail)

    def _offer_once(self, mailbox: Mailbox, mail: WireMail) -> None:
        connection = self._connect(mailbox)
        limit = connection.features.get("SIZE", "")
        if limit.isdigit() and 0 < int(limit) < len(mail.content):
            raise UnsendableError(_TOO_BIG.format(size=len(mail.content), limit=int(limit)))
        if mail.utf8 and "SMTPUTF8" not in connection.features:
            raise UnsendableError(
                "The address has letters outside ASCII, and the server does not offer SMTPUTF8."
            )
        connection.envelope(mail.sender, mail.recipient, size=len(mail.content), utf8=mail.utf8)

    def _not_accepted(self, message: Message, error: SmtpError) -> None:
        """Settle a message that was refused before the point of no return: it is unsent."""
        reply = error.reply
        if reply is None and error.stage in {"mail", "rcpt"}:
            self._deferred(message, None, error.words)
            self._lost(error)
        elif reply is None or rules.blames_account(reply, error.stage):
            self._fail(error)
        elif reply.temporary:
            self._deferred(message, reply)
        else:
            self._failed(message, error.words, reply, refused_recipient=error.stage == "rcpt")
        self._reset()

    def _deliver(self, message: Message, mail: WireMail) -> None:
        assert self.connection is not None  # noqa: S101  # _offer opened it
        try:
            with self.waiting:
                reply = self.connection.deliver(mail.content)
        except SmtpError as error:
            self._not_delivered(message, error)
            return
        except BaseException as error:
            words = f"The worker was stopped: {type(error).__name__}."
            persist(lambda: settling.record_uncertain(self.lease, message, words=words))
            raise
        self.losses = 0
        self.waiting.restart()
        now = self.clock()
        persist(lambda: settling.record_sent(self.lease, message, reply, now=now))
        if self.on_trial:
            persist(lambda: mailboxes.recover_mailbox(self.lease, now=now))
            self.on_trial = False
        self.report.sent += 1
        if self.limit is not None:
            self.limit -= 1

    def _not_delivered(self, message: Message, error: SmtpError) -> None:
        """Settle a message the server refused, or fell silent about, after hand-over."""
        reply = error.reply
        if reply is None and error.stage in {"body", "answer"}:
            persist(lambda: settling.record_uncertain(self.lease, message, words=error.words))
            self.report.uncertain += 1
            self._lost(error)
        elif reply is None:
            # DATA was never agreed to, so not one byte of the e-mail left us.
            self._deferred(message, None, error.words)
            self._lost(error)
        elif rules.blames_account(reply, "data"):
            persist(lambda: claims.give_back(self.lease, unsent=message, reason=error.words))
            self._fail(error)
        elif reply.temporary:
            self._deferred(message, reply)
            self._reset()
        else:
            self._failed(message, error.words, reply)
            self._reset()

    # Settling -------------------------------------------------------------------------

    def _deferred(self, message: Message, reply: rules.SmtpReply | None, words: str = "") -> None:
        now = self.clock()
        persist(lambda: settling.record_deferred(self.lease, message, reply, now=now, words=words))
        self.report.deferred += 1

    def _stumbled(self, message: Message, error: Exception) -> None:
        now = self.clock()
        persist(lambda: poison.record_stumble(self.lease, message, error, now=now))
        self._reset()

    def _failed(
        self,
        message: Message,
        words: str,
        reply: rules.SmtpReply | None = None,
        *,
        refused_recipient: bool = False,
    ) -> None:
        now = self.clock()
        persist(
            lambda: settling.record_failed(
                self.lease,
                message,
                words=words,
                now=now,
                reply=reply,
                refused_recipient=refused_recipient,
            )
        )
        self.report.failed += 1

    def _lost(self, error: SmtpError) -> None:
        """Count connections lost in a row; the server may have a bad day."""
        self.losses += 1
        if self.losses >= LOSSES:
            self._fail(error)

    def _fail(self, error: SmtpError) -> NoReturn:
        """Stop the mailbox with a reason and a plan, and end the pass."""
        kind = rules.trouble_of(error.reply, error.stage)
        # Without a reply it was not the server who said so.
        intro = _ACCOUNT_WORDS.get(kind, "") if error.reply else ""
        words = f"{intro}{error.words}"
        now = self.clock()
        persist(lambda: mailboxes.fail_mailbox(self.lease, kind, reason=words, now=now))
        log.warning("mailbox_stopped", mailbox=self.lease.mailbox_id, kind=kind, reason=words)
        raise EndPassError

    def _reset(self) -> None:
        """Clear the server's mind of an offered e-mail, or hang up."""
        if self.connection is None or not self.connection.is_open:
            return
        try:
            self.connection.reset()
        except SmtpError:
            self.connection.close()

    def _pause(self, gap: timedelta) -> None:
        """Keep the gap: a short one by waiting, a long one by ending the pass."""
        if gap > SHORT_GAP:
            raise EndPassError
        time.sleep(gap.total_seconds())


def _gap(mailbox: Mailbox) -> timedelta:
    # Not a secret: jitter only keeps the rhythm from looking like a machine's.
    jitter = random.uniform(0, mailbox.gap_jitter_seconds) if mailbox.gap_seconds else 0  # noqa: S311
    return timedelta(seconds=mailbox.gap_seconds + jitter)


_ACCOUNT_WORDS = {
    Trouble.LOGIN: "The server did not accept the user name or password. ",
    Trouble.ASKED: "The server asked us to stop for a while. ",
    Trouble.REFUSED: "The server refuses this mailbox. ",
}
