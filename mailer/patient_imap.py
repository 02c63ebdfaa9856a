"""IMAP clients that give up a server which answers too slowly, or without end.

imaplib's timeout begins anew with every byte. Here each command has a deadline of its own,
which moves on only as fast as a slow line would deliver.
"""

from __future__ import annotations

import imaplib
import ssl
import time
from typing import TYPE_CHECKING, Any

from mailer.doors import open_socket

if TYPE_CHECKING:
    import socket

# Seconds for every command, and bytes a second below which a server counts as too slow.
PATIENCE = 30.0
SLOWEST = 16_000
# A goodbye is not waited for.
GOODBYE = 2.0
_CHUNK = 65_536
_LONGEST_LINE = 4_000_000
_LARGEST_LITERAL = 16 * 1024 * 1024


class _Patient(imaplib.IMAP4):
    """IMAP4 through the door, with one deadline for each command and one for all."""

    def __init__(self, host: str, port: int, *, patience: float, **rest: Any) -> None:
        self.patience = patience
        self.ends_at: float | None = None
        self._received = bytearray()
        self._source: object = None
        self._asked_at, self._got = time.monotonic(), 0
        super().__init__(host, port, timeout=patience, **rest)

    def send(self, data: Any) -> None:
        """Send, and begin to wait for the answer."""
        self._asked_at, self._got = time.monotonic(), 0
        self.sock.settimeout(self._left())
        self.sock.sendall(data)

    def read(self, size: int) -> bytes:
        """Return exactly so many bytes of a literal."""
        if size > _LARGEST_LITERAL:
            raise self.abort(f"the server wants to send {size:,} bytes at once")
        while len(self._received) < size:
            self._receive()
        return self._take(size)

    def readline(self) -> bytes:
        """Return one line."""
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > _LONGEST_LINE:
                raise self.abort("the server sends a line without end")
            self._receive()
        return self._take(end + 1)

    def logout(self) -> tuple[str, list[Any]]:
        """Say goodbye, without waiting long for the answer."""
        self.patience = min(self.patience, GOODBYE)
        return super().logout()

    def _take(self, size: int) -> bytes:
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    def _receive(self) -> None:
        if self._source is not self.sock:
            if self._received:
                # Something was slipped in before the handshake (CVE-2011-0411).
                raise self.abort("the server sent data before the TLS handshake")
            self._source = self.sock
        self.sock.settimeout(self._left())
        data = self.sock.recv(_CHUNK)
        if not data:
            raise self.abort("the server closed the connection")
        self._got += len(data)
        self._received += data

    def _left(self) -> float:
        deadline = self._asked_at + self.patience + self._got / SLOWEST
        if self.ends_at is not None:
            deadline = min(deadline, self.ends_at)
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class PlainImap(_Patient):
    """IMAP in the clear, until STARTTLS."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return open_socket(self.host, self.port, timeout=timeout or PATIENCE)


class TlsImap(_Patient):
    """IMAP over TLS."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext, patience: float) -> None:
        self._context = context
        super().__init__(host, port, patience=patience)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = open_socket(self.host, self.port, timeout=timeout or PATIENCE)
        try:
            return self._context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def connect_imap(
    host: str, port: int, *, tls: bool, starttls: bool, patience: float
) -> imaplib.IMAP4:
    """Connect and secure; raises `HostError`, `OSError` or `imaplib.IMAP4.error`."""
    context = ssl.create_default_context()
    if tls:
        return TlsImap(host, port, context=context, patience=patience)
    client = PlainImap(host, port, patience=patience)
    if starttls:
        try:
            client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
    return client
