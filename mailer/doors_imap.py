"""IMAP through the same door as SMTP: the host checked, the checked address connected to."""

from __future__ import annotations

import imaplib
import ssl
from typing import TYPE_CHECKING, Any

from imap_tools import BaseMailBox

from mailer.doors import open_socket
from mailer.enums import ConnectionSecurity

if TYPE_CHECKING:
    import socket

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
