"""An IMAP server on plain sockets (RFC 3501, as much as reading needs) that misbehaves."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

COMMANDS = ("CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH", "LOGOUT")


class _GoneError(Exception):
    """The server hangs up."""


@dataclass
class FaultyImap:
    """A folder of mails, what the server is told to do wrong, and what it saw.

    `faults[command]` is a tagged answer ("NO [INUSE] locked", "BAD what"), or an action:
    drop, silent, trickle, bye, unsolicited (more lines in between), long (a line without
    end), half (hang up in the middle of the answer). A list is used up one by one. The
    command "greeting" is what comes before all.
    `cut_after` hangs up once so many bytes were said, on each connection.
    `styles[uid]` says how a mail is handed over: literal, quoted, nil, absent, flags, uid_after,
    die (the line is cut), deleted (gone by then).
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    folder: str = "INBOX"
    uidvalidity: int = 7
    uidnext: int | None = None
    password: str = "secret"
    capabilities: str = "IMAP4rev1"
    faults: dict[str, Any] = field(default_factory=dict)
    styles: dict[int, str] = field(default_factory=dict)
    cut_after: int | None = None
    tls: ssl.SSLContext | None = None
    drip: float = 0.05
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    largest_fetch: int = 0
    port: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def fault(self, command: str) -> str:
        """Return what goes wrong at a command this time, "" for nothing."""
        found = self.faults.get(command, "")
        if isinstance(found, list):
            return found.pop(0) if found else ""
        return str(found)


class _Session:
    """One conversation."""

    def __init__(self, server: FaultyImap, opened: socket.socket) -> None:
        self.server, self.socket, self.buffer = server, opened, b""
        self.said = 0

    def run(self) -> None:
        if self.server.tls is not None:
            self.socket = self.server.tls.wrap_socket(self.socket, server_side=True)
        self._reply("greeting", b"* OK ready\r\n")
        while True:
            line = self._line().decode("utf-8", "replace").rstrip("\r\n")
            tag, _, rest = line.partition(" ")
            self._answer(tag, re.sub(r"^UID ", "", rest))

    def _answer(self, tag: str, rest: str) -> None:
        verb = rest.partition(" ")[0].upper()
        self.server.commands.append(verb)
        handlers: dict[str, Callable[[str], bytes]] = {
            "CAPABILITY": lambda _: f"* CAPABILITY {self.server.capabilities}\r\n".encode(),
            "EXAMINE": self._examine,
            "STATUS": self._status,
            "SEARCH": self._search,
            "FETCH": self._fetch,
            "LOGOUT": lambda _: b"* BYE\r\n",
        }
        told = handlers.get(verb, lambda _: b"")(rest)
        ending = self._verdict(verb, rest)
        self._reply(verb, told, f"{tag} {ending}\r\n".encode(), tag)
        if verb == "LOGOUT":
            raise _GoneError

    def _verdict(self, verb: str, rest: str) -> str:
        right = rest.endswith(f'"{self.server.password}"')
        if verb == "LOGIN" and not right:
            return "NO [AUTHENTICATIONFAILED] Invalid credentials"
        if verb == "EXAMINE" and _folder(rest) != self.server.folder:
            return "NO [NONEXISTENT] No such folder"
        known = verb in {*COMMANDS, "STATUS"}
        return f"OK {verb} done" if known else f"BAD {verb} unknown"

    def _examine(self, _: str) -> bytes:
        server = self.server
        upcoming = server.uidnext or max(server.mails, default=0) + 1
        return (
            f"* {len(server.mails)} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n"
            f"* OK [UIDVALIDITY {server.uidvalidity}] valid\r\n* OK [UIDNEXT {upcoming}] next\r\n"
        ).encode()

    def _status(self, rest: str) -> bytes:
        return f"* STATUS {rest.split()[1]} (UIDVALIDITY {self.server.uidvalidity})\r\n".encode()

    def _search(self, rest: str) -> bytes:
        uids = sorted(self.server.mails)
        if after := re.search(r"UID (\d+):\*", rest):
            last = [uids[-1]] if uids else []
            uids = [uid for uid in uids if uid >= int(after.group(1))] or last
        elif these := re.search(r"UID ([\d,]+)", rest):
            wanted = {int(uid) for uid in these.group(1).split(",")}
            uids = [uid for uid in uids if uid in wanted]
        return f"* SEARCH {' '.join(map(str, uids))}".rstrip().encode() + b"\r\n"

    def _fetch(self, rest: str) -> bytes:
        wanted = [int(uid) for uid in rest.split()[1].split(",")]
        self.server.largest_fetch = max(self.server.largest_fetch, len(wanted))
        limit = int((re.search(r"<0\.(\d+)>", rest) or ["", "0"])[1]) or None
        present = enumerate(sorted(self.server.mails), 1)
        return b"".join(
            self._handed_over(number, uid, limit) for number, uid in present if uid in wanted
        )

    def _handed_over(self, number: int, uid: int, limit: int | None) -> bytes:
        raw = self.server.mails[uid][:limit]
        style = self.server.styles.get(uid, "literal")
        head = f"* {number} FETCH (UID {uid} BODY[]<0> ".encode()
        if style == "die":
            raise _GoneError
        if style == "deleted":
            del self.server.mails[uid]
            return b""
        literal = b"{%d}\r\n%b" % (len(raw), raw)
        quoted = b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        return {
            "literal": head + literal + b")\r\n",
            "quoted": head + quoted + b")\r\n",
            "nil": head + b"NIL)\r\n",
            "absent": b"",
            "flags": f"* {number} FETCH (FLAGS (\\Seen) UID {uid})\r\n".encode(),
            "uid_after": f"* {number} FETCH (BODY[]<0> ".encode()
            + literal
            + f" UID {uid})\r\n".encode(),
        }[style]

    # Answering --------------------------------------------------------------------------

    def _reply(self, command: str, told: bytes, ending: bytes = b"", tag: str = "*") -> None:
        fault = self.server.fault(command)
        actions: dict[str, Callable[[], None]] = {
            "": lambda: self._send(told + ending),
            "drop": self._hang_up,
            "silent": self._stay_silent,
            "trickle": lambda: self._trickle(told + ending),
            "bye": lambda: self._send(b"* BYE shutting down\r\n", gone=True),
            "half": lambda: self._send((told + ending)[: len(told + ending) // 2], gone=True),
            "long": lambda: self._send(b"* " + b"x" * 5_000_000 + b"\r\n"),
            "huge": lambda: self._send(b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"),
            "unsolicited": lambda: self._send(_UNSOLICITED + told + _UNSOLICITED + ending),
        }
        usual = lambda: self._send(f"{tag} {fault}\r\n".encode())  # noqa: E731  # beside the others
        actions.get(fault, usual)()

    def _hang_up(self) -> None:
        raise _GoneError

    def _stay_silent(self) -> None:
        self.server.stopped.wait(60)
        raise _GoneError

    def _trickle(self, data: bytes) -> None:
        for number in data:
            self._send(bytes([number]))
            if self.server.stopped.wait(self.server.drip):
                raise _GoneError

    def _send(self, data: bytes, *, gone: bool = False) -> None:
        limit = self.server.cut_after
        if limit is not None and self.said + len(data) > limit:
            self.socket.sendall(data[: limit - self.said])
            raise _GoneError
        self.said += len(data)
        self.socket.sendall(data)
        if gone:
            raise _GoneError

    def _line(self) -> bytes:
        while b"\n" not in self.buffer:
            received = self.socket.recv(65536)
            if not received:
                raise _GoneError
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"


_UNSOLICITED = (
    b"* 99 EXISTS\r\n* 1 RECENT\r\n* 2 FETCH (FLAGS (\\Seen) UID 2)\r\n"
    b"* OK [ALERT] Your box is nearly full ({12} BODY[] UID 9)\r\n* 5 EXPUNGE\r\n"
)


def _folder(rest: str) -> str:
    name = rest.partition(" ")[2]
    if name.startswith('"'):
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return name


def _converse(server: FaultyImap, opened: socket.socket) -> None:
    session = _Session(server, opened)
    try:
        session.run()
    except (_GoneError, OSError):
        pass
    finally:
        with suppress(OSError):
            session.socket.close()


def _serve(server: FaultyImap, listener: socket.socket) -> None:
    while True:
        try:
            opened, _ = listener.accept()
        except OSError:
            return
        server.connections += 1
        opened.settimeout(60)
        threading.Thread(target=_converse, args=(server, opened), daemon=True).start()


@contextmanager
def faulty_imap(server: FaultyImap) -> Iterator[FaultyImap]:
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
