"""One folder read from a faulty IMAP server: how it is set up, and what is seen."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

from mailer.models import InboundMessage, Mailbox, Message, SetAsideMail
from mailer.services.reading import ReadReport, read_mailbox
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.faults.rows import Fault
from tests.mailer.mails import mail_from
from tests.servers.faulty_imap import FaultyImap, faulty_imap

if TYPE_CHECKING:
    from tests.servers.tls import Certificates

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ROUNDS = 8
EVERY = dt.timedelta(minutes=20)


@dataclass(frozen=True)
class Case:
    """How the server and the mailbox are set up; `says` must be among the words shown."""

    faults: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    mailbox: dict[str, Any] = field(default_factory=dict)
    mails: int = 3
    odd: dict[int, bytes] = field(default_factory=dict)
    certificate: str = ""
    says: str = ""


def reader(server: FaultyImap, **changes: Any) -> tuple[Mailbox, Message]:
    """Return a mailbox on a server, and a message of it that mails may answer."""
    values = {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_security": "tls" if server.tls else "none",
        "imap_username": "ann",
        "imap_password": "secret",
    }
    mailbox = MailboxFactory.create(**(values | changes))
    return mailbox, MessageFactory.create(
        mailbox=mailbox, sent=True, to_address="editor@site.example"
    )


def wire(raw: bytes) -> bytes:
    """Return a mail with the line ends it has in a folder."""
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def read(case: Case, certificates: Certificates) -> str:
    """Read a folder at noon and every twenty minutes after; return what both showed."""
    faults = {
        step: list(one) if isinstance(one, list) else one for step, one in case.faults.items()
    }
    server = FaultyImap(faults=faults, **case.server)
    if case.certificate:
        server.tls = certificates.context(case.certificate)
    authority = {"SSL_CERT_FILE": str(certificates.authority)}
    with faulty_imap(server), mock.patch.dict(os.environ, authority):
        mailbox, sent = reader(server, **case.mailbox)
        for uid in range(1, case.mails + 1):
            server.mails[uid] = wire(mail_from(answers=sent))
        server.mails |= case.odd
        first = read_mailbox(mailbox.pk, now=NOW)
        for number in range(1, ROUNDS):
            read_mailbox(mailbox.pk, now=NOW + number * EVERY)
    return f"{_outcome(first, case.says)} → {in_the_end(mailbox)}"


def _outcome(report: ReadReport, says: str) -> str:
    missing = "" if says.lower() in report.error.lower() else f" (says “{report.error}”)"
    return f"{'not read' if report.error else 'read'}{missing}"


def in_the_end(mailbox: Mailbox) -> str:
    """Return what was stored and what was set aside."""
    stored = InboundMessage.objects.filter(mailbox=mailbox).count()
    aside = SetAsideMail.objects.filter(mailbox=mailbox).count()
    return f"{stored} stored, {aside} set aside"


def row(name: str, expected: str, **case: Any) -> Fault:
    """Return a row of one folder on one faulty server."""
    return Fault(name, expected, lambda certificates: read(Case(**case), certificates))
