"""An SMTP server on plain sockets that misbehaves exactly where it is told to."""

from __future__ import annotations

import base64
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

FEATURES = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN")
_USUAL = {
    "banner": "220 mail.site.example ESMTP",
    "starttls": "220 Go ahead",
    "auth": "235 2.7.0 Welcome",
    "mail": "250 2.1.0 OK",
    "rcpt": "250 2.1.5 OK",
    "data": "354 Go on",
    "body": "250 2.0.0 taken",
    "rset": "250 2.0.0 OK",
    "quit": "221 2.0.0 Bye",
}
# A busy answer: no end, no line, or one byte at a time.
_ENDLESS = b"250-and more\r\n" * 400
_LONG = b"250 " + b"x" * 20_000 + b"\r\n"


class _GoneError(Exception):
    """The server hangs up."""


@dataclass
class FaultySmtp:
    """What the server is told, and what it saw.

    `faults[step]` is an answer ("451 4.7.1 later"), or an action: drop, silent, trickle
    (the usual answer, a byte at a time), endless, long, inject (more after the answer),
    half (hang up in the middle of the body). A list is used up one by one, then all is
    well. Steps: banner, ehlo, starttls, auth, mail, rcpt, data, body, rset, quit.
    """

    faults: dict[str, Any] = field(default_factory=dict)
    features: tuple[str, ...] = FEATURES
    password: str = ""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    drip: float = 0.05
    delay: float = 0.0
    commands: list[str] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def fault(self, step: str) -> str:
        """Return what goes wrong at a step this time, "" for nothing."""
        found = self.faults.get(step, "")
        if isinstance(found, list):
            return found.pop(0) if found else ""
        return str(found)

    def fault_of(self, step: str) -> str:
        """Return what goes wrong at a step next, without using it up."""
        found = self.faults.get(step, "")
        return (found[0] if found else "") if isinstance(found, list) else str(found)

    def verbs(self, verb: str) -> int:
        """Count the commands that began with a word."""
        return sum(1 for line in self.commands if line.upper().startswith(verb))


class _Session:
    """One conversation."""

    def __init__(self, server: FaultySmtp, opened: socket.socket) -> None:
        self.server, self.socket, self.buffer = server, opened, b""
        self.rcpt = ""
        self.secure = False
        self.known = not server.password

    def run(self) -> None:
        if self.server.implicit:
            self._secure()
        self._say("banner")
        while True:
            line = self._line().decode("utf-8", "replace").rstrip("\r\n")
            self.server.commands.append(line)
            self._answer(line.partition(" ")[0].upper(), line)

    def _answer(self, verb: str, line: str) -> None:
        handlers: dict[str, Callable[[str], None]] = {
            "EHLO": self._ehlo,
            "HELO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "DATA": self._data,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "QUIT": self._quit,
        }
        usual = self._rset if verb == "RSET" else self._unknown
        handlers.get(verb, usual)(line)

    def _ehlo(self, line: str) -> None:
        words = [*self.server.features]
        if self.server.tls and not self.secure and not self.server.implicit:
            words.append("STARTTLS")
        lines = ["mail.site.example", *words] if line.upper().startswith("EHLO") else ["ok"]
        usual = "".join(f"250-{one}\r\n" for one in lines[:-1]) + f"250 {lines[-1]}\r\n"
        self._say("ehlo", usual.encode())

    def _starttls(self, _: str) -> None:
        if self._say("starttls") and self.server.tls:
            self._secure()

    def _secure(self) -> None:
        assert self.server.tls is not None
        self.socket = self.server.tls.wrap_socket(self.socket, server_side=True)
        self.secure, self.buffer = True, b""

    def _auth(self, line: str) -> None:
        if self.server.fault_of("auth"):
            self._say("auth")
            return
        _, mechanism, *rest = line.split()
        if mechanism.upper() == "PLAIN":
            given = base64.b64decode(rest[0]).split(b"\0")[2]
        else:
            self._send(b"334 VXNlcm5hbWU6\r\n")
            self._line()
            self._send(b"334 UGFzc3dvcmQ6\r\n")
            given = base64.b64decode(self._line())
        self.known = given.decode() == self.server.password
        self._send(b"235 2.7.0 Welcome\r\n" if self.known else b"535 5.7.8 Bad credentials\r\n")

    def _mail(self, _: str) -> None:
        if self.known:
            self._say("mail")
        else:
            self._send(b"530 5.7.0 Authentication required\r\n")

    def _rcpt(self, line: str) -> None:
        address = line.partition("<")[2].partition(">")[0]
        step = f"rcpt {address}" if f"rcpt {address}" in self.server.faults else "rcpt"
        self.rcpt = address if self._say(step) else ""

    def _data(self, _: str) -> None:
        if not self.rcpt:
            self._send(b"503 5.5.1 No recipient\r\n")
            return
        if not self._say("data"):
            return
        content = b""
        if self.server.fault_of("body") == "half":
            self.server.fault("body")
            self._line()
            raise _GoneError
        while (line := self._line()) != b".\r\n":
            content += line.removeprefix(b".") if line.startswith(b"..") else line
        fault = self.server.fault_of("body")
        if not fault or fault in {"keep", "trickle"} or fault.startswith("250"):
            self.server.taken.append((self.rcpt, content))
        time.sleep(self.server.delay)
        self._say("body")
        self.rcpt = ""

    def _rset(self, _: str) -> None:
        self.rcpt = ""
        self._say("rset")

    def _quit(self, _: str) -> None:
        self._say("quit")
        raise _GoneError

    def _unknown(self, _: str) -> None:
        self._send(b"500 5.5.2 What?\r\n")

    # Answering --------------------------------------------------------------------------

    def _say(self, step: str, usual: bytes = b"") -> bool:
        """Answer a command; True when the answer was positive."""
        fault = self.server.fault(step)
        answer = usual or f"{_USUAL[step.partition(' ')[0]]}\r\n".encode()
        if fault in {"drop", "keep", "half"}:
            raise _GoneError
        if fault == "silent":
            self.server.stopped.wait(60)
            raise _GoneError
        if fault == "trickle":
            self._trickle(answer)
            return True
        odd = {"endless": _ENDLESS, "long": _LONG, "inject": answer + b"250 injected\r\n"}
        said = odd.get(fault) or (f"{fault}\r\n".encode() if fault else answer)
        self._send(said)
        if said.startswith(b"421"):
            raise _GoneError
        return said[:1] in b"23"

    def _trickle(self, answer: bytes) -> None:
        for number in answer:
            self._send(bytes([number]))
            if self.server.stopped.wait(self.server.drip):
                raise _GoneError

    def _send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _line(self) -> bytes:
        while b"\n" not in self.buffer:
            received = self.socket.recv(65536)
            if not received:
                raise _GoneError
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()


def _serve(server: FaultySmtp, listener: socket.socket) -> None:
    while True:
        try:
            opened, _ = listener.accept()
        except OSError:
            return
        server.connections += 1
        opened.settimeout(60)
        threading.Thread(target=_converse, args=(server, opened), daemon=True).start()


def _converse(server: FaultySmtp, opened: socket.socket) -> None:
    session = _Session(server, opened)
    try:
        session.run()
    except (_GoneError, OSError):
        pass
    finally:
        session.close()


@contextmanager
def faulty_smtp(server: FaultySmtp) -> Iterator[FaultySmtp]:
    """Run the server on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(server, listener), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(5)
