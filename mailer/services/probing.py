"""Tries a mailbox's servers step by step, and says in plain words what is wrong."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from mailer.doors import HostError, lookup
from mailer.doors_imap import DoorMailBox
from mailer.enums import ConnectionSecurity, MailboxAuth, MailboxStatus
from mailer.models import Mailbox
from mailer.sent_folder import ERRORS, sent_folder
from mailer.services.credentials import CredentialError, imap_credential
from mailer.services.mailboxes import resume_mailbox
from mailer.services.opening import check_security, server_of
from mailer.smtp import Connection, SmtpError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imap_tools import BaseMailBox

# A person waits for this: shorter than when sending.
TIMEOUT = 10.0
_STEP = {
    "connect": "Connect",
    "hello": "Connect",
    "tls": "Encrypt",
    "consent": "Log in",
    "login": "Log in",
}


@dataclass(frozen=True)
class Step:
    """One step of the test, and what came of it."""

    name: str
    words: str
    tone: str = "ok"

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.tone != "bad"


@dataclass(frozen=True)
class Probe:
    """The steps of sending and of reading."""

    smtp: list[Step]
    imap: list[Step]

    @property
    def parts(self) -> list[tuple[str, list[Step]]]:
        """Both halves under their headings."""
        return [("Sending (SMTP)", self.smtp), ("Reading (IMAP)", self.imap)]

    @property
    def ok(self) -> bool:
        """Whether everything went well."""
        return all(step.ok for step in [*self.smtp, *self.imap])


def probe_mailbox(mailbox: Mailbox) -> Probe:
    """Try both servers; one that waits to be tried again goes on when sending works."""
    result = Probe(list(_smtp_steps(mailbox)), list(_imap_steps(mailbox)))
    Mailbox.objects.filter(pk=mailbox.pk).update(tested_at=timezone.now())
    waits = mailbox.is_trying and mailbox.status != MailboxStatus.ACTIVE
    if waits and all(step.ok for step in result.smtp):
        resume_mailbox(mailbox)
    return result


def _smtp_steps(mailbox: Mailbox) -> Iterator[Step]:
    found = _dns(mailbox.smtp_host, mailbox.smtp_port)
    yield found
    if not found.ok:
        return
    connection: Connection | None = None
    try:
        check_security(mailbox)
        connection = Connection(server_of(mailbox), timeout=TIMEOUT)
        yield from _smtp_conversation(mailbox, connection)
    except SmtpError as error:
        yield Step(_STEP.get(error.stage, "Connect"), _smtp_advice(mailbox, error), "bad")
    finally:
        if connection is not None:
            connection.close()


def _smtp_conversation(mailbox: Mailbox, connection: Connection) -> Iterator[Step]:
    greeting = connection.connect()
    connection.hello()
    yield Step("Connect", f"The server greets us: “{greeting.text[:120]}”.")
    if mailbox.smtp_security == ConnectionSecurity.STARTTLS:
        connection.start_tls()
        connection.hello()
    if mailbox.smtp_security == ConnectionSecurity.NONE:
        yield Step("Encrypt", "Not encrypted; fine only on this machine.", "warn")
    else:
        yield Step("Encrypt", "The connection is encrypted and the certificate is valid.")
    connection.login()
    if connection.server.username:
        yield Step("Log in", f"Logged in as {connection.server.username}.")
    else:
        yield Step("Log in", "No user name given; the server may refuse to send.", "warn")


def _smtp_advice(mailbox: Mailbox, error: SmtpError) -> str:
    if error.stage == "login":
        return f"{error.words} {_password_advice(mailbox)}"
    if "took too long" in error.words or "did not answer" in error.words:
        other = "465 with TLS" if mailbox.smtp_port != 465 else "587 with STARTTLS"  # noqa: PLR2004
        return f"{error.words} The port may be wrong or blocked; try {other}."
    if "not SMTP" in error.words or "WRONG_VERSION" in error.words.upper():
        return f"{error.words} The encryption does not fit the port: 465 is TLS, 587 STARTTLS."
    return error.words


def _password_advice(mailbox: Mailbox) -> str:
    if mailbox.auth == MailboxAuth.OAUTH2:
        return "Connect the mailbox again; its provider may have to allow SMTP and IMAP."
    advice = {
        "gmail": "Gmail wants an app password, not the one you sign in with.",
        "outlook": "Ask your administrator to allow Authenticated SMTP for this mailbox.",
        "fastmail": "Fastmail wants an app password.",
        "zoho": "Zoho wants an app password when two-factor login is on.",
        "sendgrid": "The user name must be the word apikey.",
        "ses": "Use SMTP credentials made in SES, not an access key.",
    }
    usual = "Check user name and password; with two-factor login an app password is needed."
    return advice.get(mailbox.provider, usual)


def _dns(host: str, port: int) -> Step:
    try:
        targets = lookup(host, port)
    except HostError as error:
        return Step("Find the server", str(error), "bad")
    address = str(targets[0].address)
    found = "It is an address already." if address == host else f"{host} is {address}."
    return Step("Find the server", found)


def _imap_steps(mailbox: Mailbox) -> Iterator[Step]:
    if not mailbox.imap_host:
        yield Step("Read replies", "No IMAP server given: replies here are not read.", "warn")
        return
    found = _dns(mailbox.imap_host, mailbox.imap_port)
    yield found
    if not found.ok:
        return
    box: DoorMailBox | None = None
    step = "Connect"
    try:
        box = _open(mailbox)
        yield Step("Connect", "The server answers, as IMAP should.")
        step = "Log in"
        credential = imap_credential(mailbox)
        box.enter(credential)
        yield Step("Log in", f"Logged in as {credential.username}.")
        step = "Open the folder"
        yield from _folders(mailbox, box)
    except ERRORS as error:
        yield Step(step, _imap_advice(mailbox, step, error), "bad")
    finally:
        if box is not None:
            with suppress(*ERRORS):
                box.logout()


def _open(mailbox: Mailbox) -> DoorMailBox:
    return DoorMailBox(
        host=mailbox.imap_host,
        port=mailbox.imap_port,
        security=mailbox.imap_security,
        timeout=TIMEOUT,
    )


def _folders(mailbox: Mailbox, box: BaseMailBox) -> Iterator[Step]:
    box.folder.set(mailbox.imap_folder, readonly=True)
    yield Step("Open the folder", f"{mailbox.imap_folder} can be read.")
    found = mailbox.imap_sent_folder or sent_folder(box)
    if found and box.folder.exists(found):
        yield Step("Find sent mail", f"Sent mail is in {found}.")
    else:
        words = "No folder of sent mail was found; uncertain e-mails cannot be looked for."
        yield Step("Find sent mail", words, "warn")


def _imap_advice(mailbox: Mailbox, step: str, error: Exception) -> str:
    known: dict[type[Exception], str] = {
        HostError: str(error),
        CredentialError: str(error),
        ssl.SSLCertVerificationError: (
            f"The certificate of {mailbox.imap_host} is not valid:"
            f" {getattr(error, 'verify_message', '')}."
        ),
        TimeoutError: "The server did not answer in time. The port may be blocked: try 993.",
        ConnectionRefusedError: "The server refused the connection. Usually the port is 993.",
    }
    for kind, words in known.items():
        if isinstance(error, kind):
            return words
    by_step = {
        "Log in": f"User name or password was not accepted. {_password_advice(mailbox)}",
        "Open the folder": f"There is no folder {mailbox.imap_folder}, or it cannot be opened.",
    }
    usual = f"The connection failed: {str(error)[:200]}. Check port and encryption: 993 is TLS."
    return by_step.get(step, usual)
