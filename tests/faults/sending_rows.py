"""Faults of SMTP servers, from DNS to QUIT (RFC 5321, 3207, 4954, 6531, 2920)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from mailer.enums import ConnectionSecurity
from tests.faults.rows import Fault
from tests.faults.sending import (
    AT_ONCE,
    DEFERRED,
    FAILED,
    FAILING,
    PAUSED,
    STAYS_FAILING,
    STAYS_PAUSED,
    UNCERTAIN,
    UNCERTAIN_TAKEN,
    Case,
    row,
    send,
)
from tests.servers.faulty_smtp import FEATURES
from tests.servers.smtp import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.tls import Certificates

STEPS = ("banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body")
_WITH_TLS: dict[str, Any] = {
    "certificate": "good",
    "mailbox": {"smtp_security": ConnectionSecurity.STARTTLS},
    "server": {"password": "right"},
}
# At these the refusal concerns the mailbox; afterwards only the e-mail.
_OF_THE_MAILBOX = ("banner", "ehlo", "starttls", "auth")


def _answers() -> Iterator[Fault]:
    """4xx, 5xx and 421 at each command."""
    for step in STEPS:
        once = {step: ["451 4.3.0 Trouble here, later please"]}
        yield row(
            f"4xx at {step}",
            FAILING if step in _OF_THE_MAILBOX else DEFERRED,
            faults=once,
            **_WITH_TLS,
        )
        yield row(
            f"421 at {step}",
            PAUSED,
            faults={step: ["421 4.7.0 Too much, go away"]},
            says="go away",
            **_WITH_TLS,
        )
    for step, reply, expected in (
        ("banner", "554 5.3.2 No service for you", STAYS_FAILING),
        ("ehlo", "550 5.7.1 I do not like your name", STAYS_FAILING),
        ("starttls", "554 5.7.3 No TLS today", STAYS_FAILING),
        ("auth", "535 5.7.8 Bad credentials", STAYS_PAUSED),
        ("mail", "550 5.7.1 Sender not yours", STAYS_FAILING),
        ("rcpt", "550 5.7.1 Rejected by policy", FAILED),
        ("data", "554 5.7.1 No mail from you", FAILED),
        ("body", "554 5.7.1 Looks like spam", FAILED),
    ):
        yield row(f"5xx at {step}", expected, faults={step: reply}, says=reply, **_WITH_TLS)
    yield row("HELO where EHLO is unknown", AT_ONCE, faults={"ehlo": ["502 5.5.1 What?"]})
    yield row("4xx at RSET", AT_ONCE, faults={"rset": "451 no"})
    yield row(
        "5xx at RSET after a refusal", FAILED, faults={"rcpt": "550 5.7.1 no", "rset": "500 no"}
    )
    yield row("5xx at QUIT", AT_ONCE, faults={"quit": "500 no"})
    yield row("421 at QUIT", AT_ONCE, faults={"quit": "421 no"})


def _lines() -> Iterator[Fault]:
    """Lines that break, fall silent, drip, and never end."""
    for step in STEPS[:-1]:
        of_mailbox = step in _OF_THE_MAILBOX
        expected = FAILING if of_mailbox else DEFERRED
        yield row(
            f"line cut at {step}", expected, faults={step: ["drop"]}, says="closed", **_WITH_TLS
        )
        yield row(
            f"silence at {step}", expected, faults={step: ["silent"]}, says="too long", **_WITH_TLS
        )
        yield row(
            f"a byte at a time at {step}",
            expected,
            faults={step: ["trickle"]},
            says="too long",
            **_with(_WITH_TLS, server={"drip": 0.1}),
        )
        odd = STAYS_FAILING if of_mailbox else "queued, active, 0 taken → queued, active, 0 taken"
        yield row(
            f"an answer without end at {step}",
            odd,
            faults={step: "endless"},
            says="not end",
            **_WITH_TLS,
        )
        yield row(f"a line without end at {step}", odd, faults={step: "long"}, says="", **_WITH_TLS)
    yield row(
        "more after the answer to DATA",
        "queued, active, 0 taken → queued, active, 0 taken",
        faults={"data": "inject"},
        says="before it had the e-mail",
    )
    yield row("line cut in the middle of the body", UNCERTAIN, faults={"body": ["half"]})
    yield row("line cut after the final dot", UNCERTAIN, faults={"body": ["drop"]})
    yield row(
        "line cut after the final dot, e-mail taken", UNCERTAIN_TAKEN, faults={"body": ["keep"]}
    )
    yield row(
        "silence after the final dot", UNCERTAIN, faults={"body": ["silent"]}, says="too long"
    )
    yield row(
        "a byte at a time after the final dot",
        UNCERTAIN_TAKEN,
        faults={"body": ["trickle"]},
        server={"drip": 0.1},
        says="too long",
    )
    yield row("line cut at RSET", FAILED, faults={"rcpt": "550 5.7.1 no", "rset": "drop"})
    yield row("line cut at QUIT", AT_ONCE, faults={"quit": "drop"})
    yield row("silence at QUIT", AT_ONCE, faults={"quit": "silent"})


def _with(one: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    """Return a case with parts added to its parts."""
    return {**one, **{name: {**one.get(name, {}), **part} for name, part in more.items()}}


def _unreachable() -> Iterator[Fault]:
    tls = {"smtp_security": ConnectionSecurity.TLS}
    yield row(
        "no such host",
        STAYS_FAILING,
        mailbox={"smtp_host": "nowhere.invalid", **tls},
        says="not found in DNS",
    )
    yield row(
        "host name that is none",
        STAYS_FAILING,
        mailbox={"smtp_host": "a" * 70 + ".example", **tls},
        says="not found",
    )
    yield row(
        "connection refused",
        STAYS_FAILING,
        mailbox={"smtp_port": free_port()},
        says="refused the connection",
    )
    yield row(
        "unreachable address",
        STAYS_FAILING,
        mailbox={"smtp_host": "192.0.2.1", **tls},
        says="192.0.2.1",
    )
    yield Fault("half-open: accepted and never answered", STAYS_FAILING, _half_open)
    yield Fault(
        "answers that are not SMTP",
        STAYS_FAILING,
        lambda c: send(Case(faults={"banner": "HTTP/1.1 400 Bad"}, says="not SMTP"), c),
    )


def _half_open(certificates: Certificates) -> str:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        return send(Case(mailbox={"smtp_port": port}, says="too long"), certificates)


def _tls() -> Iterator[Fault]:
    starttls = {"smtp_security": ConnectionSecurity.STARTTLS}
    direct = {"smtp_security": ConnectionSecurity.TLS}
    for name, says in (
        ("expired", "expired"),
        ("other_name", "mismatch"),
        ("self_signed", "self-signed"),
    ):
        words = f"certificate: {name.replace('_', ' ')}"
        yield row(
            f"{words}, STARTTLS", STAYS_FAILING, certificate=name, mailbox=starttls, says=says
        )
        yield row(
            f"{words}, TLS",
            STAYS_FAILING,
            certificate=name,
            mailbox=direct,
            server={"implicit": True},
            says=says,
        )
    yield row(
        "certificate: unknown authority",
        STAYS_FAILING,
        certificate="good",
        trusted=False,
        mailbox=starttls,
        says="certificate",
    )
    yield row(
        "good certificate, TLS",
        AT_ONCE,
        certificate="good",
        mailbox=direct,
        server={"implicit": True},
    )
    yield row("good certificate, STARTTLS", AT_ONCE, **_WITH_TLS)
    yield row("TLS to a server that speaks none", STAYS_FAILING, mailbox=direct, says="TLS")
    yield row(
        "STARTTLS not offered", STAYS_FAILING, mailbox=starttls, says="does not offer STARTTLS"
    )
    yield row(
        "STARTTLS offered, then garbage",
        STAYS_FAILING,
        mailbox=starttls,
        server={"features": ("STARTTLS",)},
        says="TLS",
    )
    yield row(
        "more after the answer to STARTTLS",
        FAILING,
        faults={"starttls": ["inject"]},
        says="before the TLS handshake",
        **_WITH_TLS,
    )
    yield row(
        "silence in the TLS handshake", STAYS_FAILING, mailbox=direct, faults={"banner": "silent"}
    )


def _login() -> Iterator[Fault]:
    right = {"password": "right"}
    without = FEATURES[:-1]
    yield row(
        "wrong password",
        STAYS_PAUSED,
        server=right,
        mailbox={"smtp_password": "wrong"},
        says="user name or password",
    )
    yield row(
        "temporary failure of the login (454)",
        FAILING,
        server=right,
        faults={"auth": ["454 4.7.0 Temporary"]},
    )
    yield row(
        "no user name given, the server wants one (530)",
        STAYS_PAUSED,
        server=right,
        mailbox={"smtp_username": ""},
        says="530",
    )
    yield row("AUTH LOGIN only", AT_ONCE, server={**right, "features": (*without, "AUTH LOGIN")})
    yield row("AUTH PLAIN only", AT_ONCE, server={**right, "features": (*without, "AUTH PLAIN")})
    yield row(
        "AUTH= as before RFC 4954",
        AT_ONCE,
        server={**right, "features": (*without, "AUTH=LOGIN PLAIN")},
    )
    yield row(
        "AUTH of unknown kinds",
        STAYS_FAILING,
        server={**right, "features": (*without, "AUTH GSSAPI NTLM")},
        says="no way to log in",
    )
    yield row(
        "AUTH not offered",
        STAYS_FAILING,
        server={**right, "features": without},
        says="does not offer to log in",
    )


FAULTS = [*_answers(), *_lines(), *_unreachable(), *_tls(), *_login()]
