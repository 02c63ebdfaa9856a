"""One e-mail sent through a faulty SMTP server: how it is set up, and what is seen."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

from compliance.models import Suppression
from mailer.models import Mailbox, Message
from mailer.services.outbox import queue_messages
from mailer.services.sending import reap, send_due
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory, draft
from tests.faults.rows import Fault
from tests.servers.faulty_smtp import FaultySmtp, faulty_smtp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.tls import Certificates

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
# When the clock is moved to: past every wait of the first hours.
LATER = (dt.timedelta(minutes=6), dt.timedelta(minutes=25), dt.timedelta(minutes=100))
WELL = "sent, active, 1 taken"


@dataclass(frozen=True)
class Case:
    """How the server and the mailbox are set up."""

    faults: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    mailbox: dict[str, Any] = field(default_factory=dict)
    mail: dict[str, Any] = field(default_factory=dict)
    certificate: str = ""
    trusted: bool = True
    says: str = ""


def send(case: Case, certificates: Certificates) -> str:
    """Send one e-mail at noon and later that day; return what both times showed."""
    faults = {
        step: list(one) if isinstance(one, list) else one for step, one in case.faults.items()
    }
    server = FaultySmtp(faults=faults, **case.server)
    if case.certificate:
        server.tls = certificates.context(case.certificate)
    with faulty_smtp(server), _trusting(certificates, trusted=case.trusted):
        mailbox = faulty_mailbox(case, server)
        message = queue_messages([draft(mailbox, due_at=NOW, **case.mail)], now=NOW)[0]
        send_due(now=NOW)
        first = _look(message, server)
        words = _words(message)
        for moment in LATER:
            reap(now=NOW + moment)
            send_due(now=NOW + moment)
        last = _look(message, server)
    missing = "" if case.says.lower() in words.lower() else f", says “{words}”"
    return f"{first}{missing} → {last}"


@contextmanager
def _trusting(certificates: Certificates, *, trusted: bool) -> Iterator[None]:
    file = str(certificates.authority) if trusted else os.devnull
    with mock.patch.dict(os.environ, {"SSL_CERT_FILE": file}):
        yield


def faulty_mailbox(case: Case, server: FaultySmtp) -> Mailbox:
    agency = AgencyFactory.create()
    AssessmentFactory.create(agency=agency)
    values = {"address": "ann@agency.example", "smtp_port": server.port}
    if server.password:
        values |= {"smtp_username": "ann", "smtp_password": server.password}
    return MailboxFactory.create(agency=agency, **(values | case.mailbox))


def _look(message: Message, server: FaultySmtp) -> str:
    message.refresh_from_db()
    mailbox = Mailbox.objects.get(pk=message.mailbox_id)
    hard = " hard" if message.bounced_at else ""
    dead = Suppression.objects.filter(value=message.to_address).exists()
    suppressed = " suppressed" if dead else ""
    return f"{message.status}{hard}{suppressed}, {mailbox.status}, {len(server.taken)} taken"


def _words(message: Message) -> str:
    mailbox = Mailbox.objects.get(pk=message.mailbox_id)
    return f"{mailbox.status_reason} {message.last_error} {message.wait_reason}"


# What the rows expect ---------------------------------------------------------------------

DEFERRED = f"queued, active, 0 taken → {WELL}"
FAILING = f"queued, failing, 0 taken → {WELL}"
PAUSED = f"queued, paused, 0 taken → {WELL}"
STAYS_FAILING = "queued, failing, 0 taken → queued, failing, 0 taken"
STAYS_PAUSED = "queued, paused, 0 taken → queued, paused, 0 taken"
FAILED = "failed, active, 0 taken → failed, active, 0 taken"
HARD = "failed hard suppressed, active, 0 taken → failed hard suppressed, active, 0 taken"
UNCERTAIN = "uncertain, active, 0 taken → uncertain, active, 0 taken"
UNCERTAIN_TAKEN = "uncertain, active, 1 taken → uncertain, active, 1 taken"
AT_ONCE = f"{WELL} → {WELL}"


def row(name: str, expected: str, **case: Any) -> Fault:
    """Return a row of one e-mail through one faulty server."""
    return Fault(name, expected, lambda certificates: send(Case(**case), certificates))
