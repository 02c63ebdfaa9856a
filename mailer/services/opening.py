"""Opens a mailbox's sending connection: where it goes, with what, and how well protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from mailer.doors import is_loopback
from mailer.enums import ConnectionSecurity
from mailer.headers import wire_address
from mailer.services.credentials import CredentialError, smtp_credential
from mailer.smtp import Connection, Server, SmtpError

if TYPE_CHECKING:
    from mailer.models import Mailbox


@sensitive_variables()
def server_of(mailbox: Mailbox, *, refused: str = "") -> Server:
    """Return where and how a mailbox sends; raises `SmtpError` when it has no way to log in.

    `refused` is a token the server has just turned down: another is fetched.
    """
    try:
        credential = smtp_credential(mailbox, refused=refused)
    except CredentialError as error:
        raise SmtpError("consent" if error.final else "connect", str(error)) from None
    domain = wire_address(mailbox.address).rpartition("@")[2]
    return Server(
        host=mailbox.smtp_host,
        port=mailbox.smtp_port,
        security=mailbox.smtp_security,
        username=credential.username,
        password=credential.password,
        token=credential.token,
        hello=domain,
    )


def check_security(mailbox: Mailbox) -> None:
    """Refuse to talk in the clear to anything but this machine."""
    if mailbox.smtp_security != ConnectionSecurity.NONE:
        return
    if settings.ALLOW_PRIVATE_MAIL_HOSTS and is_loopback(mailbox.smtp_host):
        return
    raise SmtpError("connect", "Unencrypted connections are not allowed; choose STARTTLS or TLS.")


def open_smtp(mailbox: Mailbox) -> Connection:
    """Connect and log in; a token turned down though it looked fresh is renewed once."""
    check_security(mailbox)
    server = server_of(mailbox)
    try:
        return _opened(server)
    except SmtpError as error:
        refused = error.stage == "login" and error.reply is not None
        if not server.token or not refused:
            raise
    return _opened(server_of(mailbox, refused=server.token))


def _opened(server: Server) -> Connection:
    return Connection(
        server,
        timeout=settings.SMTP_COMMAND_TIMEOUT,
        data_timeout=settings.SMTP_DATA_TIMEOUT,
    ).open()
