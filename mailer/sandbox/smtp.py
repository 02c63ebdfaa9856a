"""The sandbox's SMTP server (RFC 5321), which keeps everything it is given."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.conf import settings

from mailer.sandbox import MAX_BYTES, PASSWORD, database, store
from mailer.sandbox.delivery_reports import delivery_report

log = structlog.get_logger(__name__)

SLOW_SECONDS = 5
_WORD = re.compile(r"[.\-_+]")
_REFUSED = {
    "reject": "550 5.1.1 The email account that you tried to reach does not exist",
    "busy": "452 4.2.2 The mailbox is over quota, try again later",
}
_REPORTED = {
    "bounce": ("5.1.1", "550 5.1.1 User unknown"),
    "full": ("4.2.2", "452 4.2.2 Mailbox full"),
}
_AUTH_NEEDED = "530 5.7.0 Authentication required"


class Sink:
    """What the server does with logins, envelopes and mails."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.greylisted: set[tuple[str, str]] = set()

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Admit any address with the sandbox's password."""
        if mechanism not in {"LOGIN", "PLAIN"} or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        name = data.login.decode("utf-8", "replace").lower()
        if "@" not in name or data.password.decode("utf-8", "replace") != PASSWORD:
            return AuthResult(success=False, handled=False)
        with database.transaction(self.connection):
            database.ensure_mailbox(self.connection, name)
        return AuthResult(success=True, auth_data=name)

    async def handle_EHLO(  # noqa: N802  # the name aiosmtpd calls
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Offer PIPELINING (RFC 2920) and enhanced status codes too."""
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", *responses[1:]]

    async def handle_MAIL(  # noqa: N802  # the name aiosmtpd calls
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        """Accept a mailbox's own mail after login, and the platform's without."""
        if not login_of(session) and address.lower() not in platform_senders():
            return _AUTH_NEEDED
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Answer as the recipient's server would: see the package's docstring."""
        words = local_words(address)
        for word, refusal in _REFUSED.items():
            if word in words:
                return refusal
        key = (str(envelope.mail_from), address)
        if "later" in words and key not in self.greylisted:
            self.greylisted.add(key)
            return "451 4.7.1 Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd calls
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail, then answer 250: what was answered for is on disk."""
        if any("slow" in local_words(address) for address in envelope.rcpt_tos):
            await asyncio.sleep(SLOW_SECONDS)
        self.keep(login_of(session), envelope)
        return "250 2.0.0 OK: kept in the sandbox"

    def keep(self, login: str, envelope: Envelope) -> None:
        """Store the mail for each recipient, in Sent, and in the inbox of sandbox mailboxes."""
        raw = bytes(envelope.original_content or b"")
        mail = store.parse(raw)
        message_id = str(mail.get("Message-ID", "")).strip()
        at = time.time()
        with database.transaction(self.connection):
            body = database.add_body(self.connection, raw)
            filed: dict[str, Any] = {"body": body, "message_id": message_id, "at": at}
            for address in envelope.rcpt_tos:
                recipient = address.lower()
                database.add_mail(
                    self.connection,
                    login=login,
                    sender=str(envelope.mail_from or ""),
                    recipient=recipient,
                    subject=" ".join(str(mail.get("Subject", "")).split()),
                    **filed,
                )
                if database.is_mailbox(self.connection, recipient):
                    database.add_item(self.connection, owner=recipient, folder="INBOX", **filed)
            if login:
                database.add_item(
                    self.connection, owner=login, folder="Sent", flags="\\Seen", **filed
                )
        for address in envelope.rcpt_tos:
            self.report(address, login, mail)

    def report(self, address: str, login: str, mail: Any) -> None:
        """Send the delivery report that the recipient's name asks for."""
        words = local_words(address)
        for word, (status, diagnostic) in _REPORTED.items():
            if word in words and login:
                raw = delivery_report(mail, address, status=status, diagnostic=diagnostic)
                store.file_incoming(self.connection, raw, login)


def login_of(session: Session) -> str:
    """Return the mailbox logged in, or "" for none."""
    return str(session.auth_data) if session.authenticated else ""


def local_words(address: str) -> frozenset[str]:
    """Return the words of an address's local part."""
    return frozenset(_WORD.split(address.rpartition("@")[0].lower()))


def platform_senders() -> frozenset[str]:
    """Return the addresses the platform itself sends from, which need no login here."""
    both = (settings.DEFAULT_FROM_EMAIL, settings.SERVER_EMAIL)
    return frozenset(parseaddr(value)[1].lower() for value in both)


def _protocol_factory(connection: sqlite3.Connection) -> Callable[[], SMTP]:
    sink = Sink(connection)
    loop = asyncio.get_running_loop()

    def factory() -> SMTP:
        return SMTP(
            sink,
            loop=loop,
            hostname="sandbox.outreach.example",
            ident="Outreach Desk sandbox",
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=sink.authenticate,
            timeout=600,
        )

    return factory


async def start(connection: sqlite3.Connection, port: int) -> asyncio.Server:
    """Listen on loopback; the caller closes the server."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(_protocol_factory(connection), host="127.0.0.1", port=port)
