"""The mailbox breaker: one alert an incident, however many e-mails and tries."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core import mail as outbox

from mailer.services.incidents import tell_incidents
from mailer.services.outbox import queue_messages
from mailer.services.sending import send_due
from tests.factories.accounts import UserFactory
from tests.factories.mailer import draft
from tests.faults.rows import Fault
from tests.faults.sending import NOW, Case, faulty_mailbox
from tests.servers.faulty_smtp import FaultySmtp, faulty_smtp

if TYPE_CHECKING:
    from collections.abc import Iterator


def _breaker() -> Iterator[Fault]:
    yield Fault(
        "421 for five e-mails and four tries",
        "1 connection at first, 1 incident, 1 alert; then sent 5, incident over",
        lambda c: _incident(FaultySmtp(faults={"mail": ["421 4.7.0 Too much"] * 3})),
    )
    yield Fault(
        "password refused for five e-mails and three tries",
        "1 connection at first, 1 incident, 1 alert; then sent 5, incident over",
        lambda c: _incident(
            FaultySmtp(password="right", faults={"auth": ["535 5.7.8 No"] * 2}), hours=8
        ),
    )


def _incident(server: FaultySmtp, hours: int = 2) -> str:
    with faulty_smtp(server):
        owner = UserFactory.create()
        mailbox = faulty_mailbox(Case(mailbox={"owner": owner}), server)
        mailbox.agency.memberships.create(user=owner, role="manager")
        queue_messages([draft(mailbox, due_at=NOW) for _ in range(5)], now=NOW)
        outbox.outbox = []
        send_due(now=NOW)
        first = server.connections
        for minutes in range(0, 60 * hours, 6):
            tell_incidents()
            send_due(now=NOW + dt.timedelta(minutes=minutes))
    incidents = mailbox.incidents.count()
    over = "over" if not mailbox.incidents.lasting().exists() else "lasting"
    return (
        f"{first} connection at first, {incidents} incident, {len(outbox.outbox)} alert;"
        f" then sent {len(server.taken)}, incident {over}"
    )


FAULTS = list(_breaker())
