"""Faults that concern one e-mail: its recipient, its size, its letters, its pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.services.outbox import queue_messages
from mailer.services.sending import send_due
from tests.factories.mailer import draft
from tests.faults.rows import Fault
from tests.faults.sending import (
    AT_ONCE,
    DEFERRED,
    FAILED,
    HARD,
    NOW,
    STAYS_FAILING,
    Case,
    faulty_mailbox,
    row,
    send,
)
from tests.servers.faulty_smtp import FEATURES, FaultySmtp, faulty_smtp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.tls import Certificates


def _recipients() -> Iterator[Fault]:
    for reply, expected in (
        ("550 5.1.1 No such user here", HARD),
        ("550 User unknown", HARD),
        ("550 5.7.1 Rejected by policy", FAILED),
        ("554 5.7.1 Blocked, see the list", FAILED),
        ("552 5.2.2 Mailbox full", FAILED),
        ("550 5.2.2 Over quota", FAILED),
    ):
        yield row(f"RCPT {reply}", expected, faults={"rcpt": reply}, says=reply)
    for reply in ("450 4.2.0 Greylisted", "451 4.7.1 Greylisted, come back in 5 minutes"):
        yield row(
            f"greylisting {reply[:3]}", DEFERRED, faults={"rcpt": [reply]}, says="try again later"
        )
    yield row("greylisting at DATA", DEFERRED, faults={"data": ["451 4.7.1 Greylisted"]})
    yield row("greylisting after the body", DEFERRED, faults={"body": ["451 4.7.1 Greylisted"]})
    yield row("over quota for now (452)", DEFERRED, faults={"rcpt": ["452 4.2.2 Over quota"]})
    yield row(
        "insufficient storage at MAIL (452)", DEFERRED, faults={"mail": ["452 4.3.1 No space"]}
    )


def _content() -> Iterator[Fault]:
    big = {"text": "word " * 3000}
    plain = ("SIZE 1000000", "AUTH PLAIN")
    utf8 = {"to_address": "jürgen@site.example"}
    yield row(
        "too big for the SIZE offered",
        FAILED,
        server={"features": ("SIZE 5000",)},
        mail=big,
        says="no more than 5,000",
    )
    yield row(
        "too big, said at MAIL (552)",
        FAILED,
        faults={"mail": "552 5.3.4 Too big"},
        mail=big,
        says="552",
    )
    yield row(
        "too big, said after the body (552)",
        FAILED,
        faults={"body": "552 5.3.4 Too big"},
        mail=big,
        says="552",
    )
    yield row("SIZE without a number", AT_ONCE, server={"features": ("SIZE",)})
    yield row(
        "SMTPUTF8 missing for a non-ASCII address",
        FAILED,
        server={"features": plain},
        mail=utf8,
        says="SMTPUTF8",
    )
    yield row("SMTPUTF8 offered for a non-ASCII address", AT_ONCE, mail=utf8)
    yield Fault("8BITMIME missing: seven bits only", f"{AT_ONCE}, 7 bit", _seven_bits)


def _seven_bits(certificates: Certificates) -> str:
    taken: list[tuple[str, bytes]] = []
    server = {"features": ("SIZE 1000000",), "taken": taken}
    found = send(Case(server=server, mail={"text": "Grüße aus Zürich – bis bald"}), certificates)
    return f"{found}, {'7' if taken[0][1].isascii() else '8'} bit"


def _pipelining() -> Iterator[Fault]:
    """MAIL and RCPT in one write (RFC 2920), and what the answers to both may be."""
    without = {"features": tuple(word for word in FEATURES if word != "PIPELINING")}
    for name, server in (("with", {}), ("without", without)):
        words = f"{name} PIPELINING"
        # Written together, RCPT is answered too.
        unasked = {"rcpt": ["503 5.5.1 MAIL first"]} if name == "with" else {}
        yield row(f"{words}: taken", AT_ONCE, server=server)
        yield row(
            f"{words}: MAIL refused for now",
            DEFERRED,
            server=server,
            faults={"mail": ["451 4.3.0 later"], **unasked},
        )
        yield row(
            f"{words}: RCPT refused", HARD, server=server, faults={"rcpt": "550 5.1.1 No such user"}
        )
        yield row(
            f"{words}: MAIL refused, line cut at RCPT",
            STAYS_FAILING,
            server=server,
            faults={"mail": "550 5.7.1 Not you", "rcpt": "drop"},
            says="Not you",
        )
        yield row(
            f"{words}: line cut between the answers",
            DEFERRED,
            server=server,
            faults={"rcpt": ["drop"]},
        )
    yield Fault(
        "one refused recipient does not hold up the next",
        "failed hard, sent, sent; 1 connection",
        _next,
    )


def _next(certificates: Certificates) -> str:
    server = FaultySmtp()
    with faulty_smtp(server):
        mailbox = faulty_mailbox(Case(), server)
        messages = queue_messages([draft(mailbox, due_at=NOW) for _ in range(3)], now=NOW)
        server.faults[f"rcpt {messages[0].to_address}"] = "550 5.1.1 No such user"
        send_due(now=NOW)
    for message in messages:
        message.refresh_from_db()
    words = [f"{m.status}{' hard' if m.bounced_at else ''}" for m in messages]
    return f"{', '.join(words)}; {server.connections} connection"


FAULTS = [*_recipients(), *_content(), *_pipelining()]
