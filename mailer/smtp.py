"""An SMTP client driven step by step (RFC 5321), every answer under a deadline of its own.

Written on plain sockets because the outbox must know exactly how far a hand-over got,
and because a server that answers a byte a second must not hold a worker: smtplib's
timeouts start anew with every byte.
"""

from __future__ import annotations

import base64
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from django.views.decorators.debug import sensitive_variables

from mailer import bearer
from mailer.doors import HostError, open_socket
from mailer.enums import ConnectionSecurity
from mailer.rules import SmtpReply

if TYPE_CHECKING:
    import socket

_MAX_LINE = 4096
_MAX_LINES = 200
_NO_AUTH = (
    "The server does not offer to log in over this connection. Choose another port or"
    " protection, or leave the user name empty."
)


class SmtpError(Exception):
    """A conversation that cannot go on.

    Args:
        stage: connect, hello, tls, consent, login, mail, rcpt, data, body or answer.
        words: what happened, for people.
        reply: what the server said, when it said something.
    """

    def __init__(self, stage: str, words: str, reply: SmtpReply | None = None) -> None:
        self.stage, self.words, self.reply = stage, words, reply
        super().__init__(f"{stage}: {words}")


@dataclass(frozen=True)
class Server:
    """Where to connect and how to log in."""

    host: str
    port: int
    security: str = ConnectionSecurity.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    hello: str = "localhost"


class Connection:
    """One open conversation with an SMTP server."""

    def __init__(self, server: Server, *, timeout: float = 30, data_timeout: float = 600) -> None:
        self.server = server
        self.timeout = timeout
        self.data_timeout = data_timeout
        self.features: dict[str, str] = {}
        self._socket: socket.socket | None = None
        self._buffer = b""

    # Opening and closing ------------------------------------------------------------

    def open(self) -> Self:
        """Connect, secure and log in; raises `SmtpError` with the step that failed."""
        try:
            self.connect()
            self.hello()
            if self.server.security == ConnectionSecurity.STARTTLS:
                self.start_tls()
                self.hello()
            self.login()
        except SmtpError:
            self.close()
            raise
        return self

    def connect(self) -> SmtpReply:
        """Connect and read the greeting."""
        server = self.server
        try:
            self._socket = open_socket(server.host, server.port, timeout=self.timeout)
        except HostError as error:
            raise SmtpError("connect", str(error)) from error
        except OSError as error:
            raise SmtpError("connect", self._unreachable(error)) from error
        if server.security == ConnectionSecurity.TLS:
            self._secure()
        return self._expect("connect", self._read("connect"))

    def _unreachable(self, error: OSError) -> str:
        where = f"{self.server.host}, port {self.server.port}"
        if isinstance(error, TimeoutError):
            return f"{where} did not answer within {self.timeout:.0f} seconds."
        if isinstance(error, ConnectionRefusedError):
            return f"{where} refused the connection. Check the port."
        return f"No connection to {where}: {error.strerror or error}."

    def hello(self) -> None:
        """Introduce ourselves; forget what was offered before TLS (RFC 3207 4.2)."""
        reply = self.command("hello", f"EHLO {self.server.hello}")
        if reply.code in {500, 502}:
            reply = self.command("hello", f"HELO {self.server.hello}")
        self._expect("hello", reply)
        # Some servers still write AUTH=PLAIN, as before RFC 4954.
        lines = (line.replace("AUTH=", "AUTH ", 1) for line in reply.lines[1:])
        pairs = (line.partition(" ") for line in lines)
        self.features = {name.upper(): rest.strip().upper() for name, _, rest in pairs}

    def start_tls(self) -> None:
        """Turn the connection into TLS; never goes on in the clear."""
        if "STARTTLS" not in self.features:
            words = "The server does not offer STARTTLS. Try TLS, usually on port 465."
            raise SmtpError("tls", words)
        self._expect("tls", self.command("tls", "STARTTLS"))
        if self._buffer:
            # Something was slipped in before the handshake (CVE-2011-0411).
            raise SmtpError("tls", "The server sent data before the TLS handshake.")
        self._secure()

    def _secure(self) -> None:
        plain = self._open_socket()
        plain.settimeout(self.timeout)
        context = ssl.create_default_context()
        try:
            self._socket = context.wrap_socket(plain, server_hostname=self.server.host)
        except ssl.SSLCertVerificationError as error:
            words = f"The certificate of {self.server.host} is not valid: {error.verify_message}."
            raise SmtpError("tls", words) from error
        except (OSError, ValueError) as error:
            words = f"TLS failed: {getattr(error, 'reason', None) or error}."
            raise SmtpError("tls", words) from error

    @sensitive_variables()
    def login(self) -> None:
        """Log in, when the mailbox has a user name."""
        if not self.server.username:
            return
        try:
            self._expect("login", self._login(self.features.get("AUTH", "").split()))
        except SmtpError as error:
            # Anew: the frames that hold the password stay out of the traceback.
            raise SmtpError(error.stage, error.words, error.reply) from None

    def _login(self, offered: list[str]) -> SmtpReply:
        server = self.server
        if server.token:
            return self._login_with_token(offered)
        if not offered:
            raise SmtpError("login", _NO_AUTH)
        if "PLAIN" in offered:
            text = f"\0{server.username}\0{server.password}"
            return self.command("login", f"AUTH PLAIN {_base64(text)}")
        if "LOGIN" not in offered:
            words = f"The server offers no way to log in that we know: {', '.join(offered)}."
            raise SmtpError("login", words)
        reply = self.command("login", "AUTH LOGIN")
        for text in (server.username, server.password):
            if reply.code == 334:  # noqa: PLR2004  # go on (RFC 4954)
                reply = self.command("login", _base64(text))
        return reply

    def _login_with_token(self, offered: list[str]) -> SmtpReply:
        server, mechanism = self.server, bearer.choose(offered)
        if not mechanism:
            words = f"The server offers no sign-in with a token: {', '.join(offered)}."
            raise SmtpError("login", words)
        first = bearer.first_response(
            mechanism,
            username=server.username,
            token=server.token,
            host=server.host,
            port=server.port,
        )
        reply = self.command("login", f"AUTH {mechanism} {base64.b64encode(first).decode()}")
        if reply.code == 334:  # noqa: PLR2004  # why it refuses, before it does (RFC 7628 3.2.3)
            after = base64.b64encode(bearer.AFTER_REASON[mechanism])
            reply = self.command("login", after.decode())
        return reply

    def close(self) -> None:
        """Say goodbye, without waiting for the answer."""
        if self._socket is None:
            return
        try:
            self._socket.settimeout(1)
            self._socket.sendall(b"QUIT\r\n")
        except (OSError, ValueError):
            pass
        finally:
            self._socket.close()
            self._socket = None
            self._buffer = b""

    @property
    def is_open(self) -> bool:
        """Whether the conversation can go on."""
        return self._socket is not None

    # One e-mail -----------------------------------------------------------------------

    def envelope(self, sender: str, recipient: str, *, size: int, utf8: bool) -> None:
        """Offer one e-mail; raises `SmtpError` when sender or recipient is refused."""
        parameters = ""
        if "SIZE" in self.features:
            parameters += f" SIZE={size}"
        if utf8:
            parameters += " SMTPUTF8 BODY=8BITMIME"
        mail, rcpt = f"MAIL FROM:<{sender}>{parameters}", f"RCPT TO:<{recipient}>"
        if "PIPELINING" in self.features:
            self._write("mail", _line(mail) + _line(rcpt))
            first = self._read("mail")
            if first.closing:
                self._expect("mail", first)
            second = self._second(first)
        else:
            first = self._expect("mail", self.command("mail", mail))
            second = self.command("rcpt", rcpt)
        self._expect("mail", first)
        self._expect("rcpt", second)

    def _second(self, first: SmtpReply) -> SmtpReply:
        """Read the answer to RCPT; a line lost after MAIL was refused does not hide that."""
        try:
            return self._read("rcpt")
        except SmtpError:
            self._expect("mail", first)
            raise

    def deliver(self, content: bytes) -> SmtpReply:
        """Hand the e-mail over and return the positive answer.

        `SmtpError` tells how far it got. Stage data: not one byte of content went, it
        is certainly unsent. Stage body, or answer without a reply: nobody knows.
        Stage answer with a reply: the server refused it.
        """
        reply = self.command("data", "DATA")
        if reply.code != 354:  # noqa: PLR2004  # start mail input (RFC 5321 3.3)
            self._expect("data", reply)
            raise SmtpError("data", "The server did not ask for the e-mail.", reply)
        if self._buffer:
            # Taken for the answer to the e-mail, it would make up an acceptance.
            raise self._lost("data", ValueError("it answered before it had the e-mail"))
        self._write("body", _dotted(content), timeout=self.data_timeout)
        return self._expect("answer", self._read("answer", timeout=self.data_timeout))

    def reset(self) -> None:
        """Take an offered e-mail back."""
        self._expect("hello", self.command("hello", "RSET"))

    # Lines -------------------------------------------------------------------------

    def command(self, stage: str, line: str) -> SmtpReply:
        """Send one command and return the answer."""
        self._write(stage, _line(line))
        return self._read(stage)

    def _expect(self, stage: str, reply: SmtpReply) -> SmtpReply:
        if reply.ok:
            return reply
        if reply.closing:
            self.close()
        raise SmtpError(stage, f"The server said “{reply.text}”.", reply)

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise SmtpError("connect", "The connection is closed.")
        return self._socket

    def _write(self, stage: str, data: bytes, *, timeout: float | None = None) -> None:
        """Write under one deadline; over TLS, sendall would begin a new one every 16 kB."""
        opened = self._open_socket()
        deadline = time.monotonic() + (timeout or self.timeout)
        rest = memoryview(data)
        try:
            while rest:
                opened.settimeout(_left(deadline))
                rest = rest[opened.send(rest) :]
        except OSError as error:
            raise self._lost(stage, error) from error

    def _read(self, stage: str, *, timeout: float | None = None) -> SmtpReply:
        deadline = time.monotonic() + (timeout or self.timeout)
        lines: list[str] = []
        while len(lines) < _MAX_LINES:
            line = self._read_line(stage, deadline)
            if not line[:3].isdigit() or line[3:4] not in {"", " ", "-"}:
                raise self._lost(stage, ValueError("that is not SMTP"))
            lines.append(line[4:].strip())
            if line[3:4] != "-":
                return SmtpReply(int(line[:3]), tuple(lines))
        raise self._lost(stage, ValueError("its answer does not end"))

    def _read_line(self, stage: str, deadline: float) -> str:
        opened = self._open_socket()
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MAX_LINE:
                raise self._lost(stage, ValueError("its line does not end"))
            try:
                opened.settimeout(_left(deadline))
                received = opened.recv(_MAX_LINE)
            except OSError as error:
                raise self._lost(stage, error) from error
            if not received:
                raise self._lost(stage, None)
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8", "replace").replace("\x00", "").rstrip("\r")

    def _lost(self, stage: str, error: Exception | None) -> SmtpError:
        """Drop the connection and say why."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._buffer = b""
        if isinstance(error, TimeoutError):
            return SmtpError(stage, f"{self.server.host} took too long to answer.")
        if isinstance(error, ValueError):
            return SmtpError(stage, f"{self.server.host} was not understood: {error}.")
        detail = f": {error}" if error else ""
        return SmtpError(stage, f"{self.server.host} closed the connection{detail}.")


def _left(deadline: float) -> float:
    """Return the seconds until a deadline; raises `TimeoutError` after it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _line(text: str) -> bytes:
    if any(char in text for char in "\r\n\x00"):
        raise ValueError("A command may not contain a line break.")
    return text.encode() + b"\r\n"


def _dotted(content: bytes) -> bytes:
    """Return the content with dots stuffed and the final dot (RFC 5321 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    if not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    return stuffed + b".\r\n"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
