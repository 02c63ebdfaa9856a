"""IMAP through the same door as SMTP: the host checked, the checked address connected to."""

from __future__ import annotations

import imaplib
import ssl
from typing import TYPE_CHECKING, Any

from django.views.decorators.debug import sensitive_variables
from imap_tools import BaseMailBox
from imap_tools.errors import MailboxLoginError

from mailer import bearer
from mailer.doors import open_socket
from mailer.enums import ConnectionSecurity

if TYPE_CHECKING:
    import socket

    from mailer.services.credentials import Credential

TIMEOUT = 30.0


class _Plain(imaplib.IMAP4):
    """IMAP4 connected through the door."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return open_socket(self.host, self.port, timeout=timeout or TIMEOUT)


class _Tls(imaplib.IMAP4_SSL):
    """IMAP4 over TLS, connected through the door."""

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = open_socket(self.host, self.port, timeout=timeout or TIMEOUT)
        context: ssl.SSLContext = self.ssl_context
        return context.wrap_socket(plain, server_hostname=self.host)


class DoorMailBox(BaseMailBox):
    """imap_tools' mailbox over a guarded connection."""

    def __init__(self, *, host: str, port: int, security: str, timeout: float = TIMEOUT) -> None:
        self._where = (host, port, security, timeout)
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        host, port, security, timeout = self._where
        context = ssl.create_default_context()
        if security == ConnectionSecurity.TLS:
            return _Tls(host, port, ssl_context=context, timeout=timeout)
        client: Any = _Plain(host, port, timeout=timeout)
        if security == ConnectionSecurity.STARTTLS:
            client.starttls(context)
        return client  # type: ignore[no-any-return]  # Any only for starttls' loose types

    @sensitive_variables()
    def enter(self, credential: Credential) -> DoorMailBox:
        """Log in without choosing a folder; raises `MailboxLoginError` when refused."""
        try:
            if credential.token:
                self._enter_with_token(credential)
            else:
                self.login(credential.username, credential.password, initial_folder=None)
        except MailboxLoginError as error:
            # Anew: the frames that hold the password stay out of the traceback.
            raise MailboxLoginError(error.command_result, error.expected) from None
        return self

    def _enter_with_token(self, credential: Credential) -> None:
        host, port, _, _ = self._where
        offered = [one[5:] for one in self.client.capabilities if one.startswith("AUTH=")]
        mechanism = bearer.choose(offered) or bearer.MECHANISMS[0]
        first = bearer.first_response(
            mechanism,
            username=credential.username,
            token=credential.token,
            host=host,
            port=port,
        )
        answers = iter([first, bearer.AFTER_REASON[mechanism]])
        try:
            self.client.authenticate(mechanism, lambda _: next(answers, b""))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from None
