"""A real SMTP server on loopback whose answers a test scripts, per recipient."""

from __future__ import annotations

import email
import email.policy
import socket
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Received:
    """One e-mail the server took."""

    sender: str
    recipient: str
    content: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def mail(self) -> EmailMessage:
        """The e-mail, parsed."""
        found = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found


class SmtpServer:
    """Scripted answers and what was received.

    `answers[step][address]` is a list of answers used up one by one ("451 later"), or one
    answer given for ever; "drop" closes the connection, "keep" takes the e-mail and
    then closes. Steps: mail (by sender), rcpt, data (by recipient).
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, dict[str, Any]] = {"mail": {}, "rcpt": {}, "data": {}}
        self.commands: list[str] = []
        self.connections = 0
        self.passwords: dict[str, str] = {}
        self.greeting_delay = 0.0
        self.data_delay = 0.0
        self.on_rcpt: Callable[[str], None] | None = None
        self.on_data: Callable[[str], None] | None = None
        self.host, self.port = "127.0.0.1", 0

    def to(self, address: str) -> list[Received]:
        """What arrived for an address."""
        return [one for one in self.received if one.recipient == address]

    def answer(self, step: str, address: str) -> str:
        """Return the scripted answer, "" for the usual one."""
        found = self.answers[step].get(address, "")
        if isinstance(found, list):
            return found.pop(0) if found else ""
        return found

    # aiosmtpd's hooks -------------------------------------------------------------------

    async def handle_EHLO(  # noqa: N802  # aiosmtpd finds its hooks by name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return lines

    async def handle_MAIL(  # noqa: N802  # aiosmtpd finds its hooks by name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"MAIL {address}")
        answer = self.answer("mail", address)
        if answer == "drop":
            return _drop(server)
        if not answer:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd finds its hooks by name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"RCPT {address}")
        if self.on_rcpt:
            self.on_rcpt(address)
        answer = self.answer("rcpt", address)
        if answer == "drop":
            return _drop(server)
        if not answer:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        recipient = envelope.rcpt_tos[0]
        self.commands.append(f"DATA {recipient}")
        if self.data_delay:
            time.sleep(self.data_delay)
        answer = self.answer("data", recipient)
        if answer not in {"", "keep"} and answer != "drop":
            return answer
        if answer != "drop":
            content = envelope.content
            assert isinstance(content, bytes)
            self.received.append(Received(str(envelope.mail_from), recipient, content))
        if self.on_data:
            self.on_data(recipient)
        return _drop(server) if answer else "250 2.0.0 taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Accept the passwords given."""
        if isinstance(data, LoginPassword):
            known = self.passwords.get(data.login.decode())
            return AuthResult(success=known == data.password.decode(), handled=False)
        return AuthResult(success=False, handled=False)


def _drop(server: SMTP) -> str:
    if server.transport is not None:
        server.transport.abort()
    return "421 gone"


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def smtp_running(server: SmtpServer | None = None, **options: Any) -> Iterator[SmtpServer]:
    """Run the server on a free port of 127.0.0.1."""
    server = server or SmtpServer()
    if server.passwords:
        options |= {
            "authenticator": server.authenticate,
            "auth_require_tls": False,
            "auth_required": True,
        }
    server.port = free_port()
    # It warns of passwords without TLS; here they never leave the machine.
    warnings.filterwarnings("ignore", "Requiring AUTH", UserWarning)
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
