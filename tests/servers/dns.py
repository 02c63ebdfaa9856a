"""A real DNS server on loopback, over UDP and TCP, whose zone a test writes."""

from __future__ import annotations

import socketserver
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator

_UDP_OCTETS = 512


class DnsServer:
    """A zone and what was asked.

    `zone[name][type]` is a list of values as a zone file writes them; TXT values are
    given plain and are split here. A name under none of the keys does not exist; one in
    `failing` answers SERVFAIL, one in `silent` nothing at all.
    """

    def __init__(self) -> None:
        self.zone: dict[str, dict[str, list[str]]] = {}
        self.failing: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.host, self.port = "127.0.0.1", 0

    @property
    def address(self) -> str:
        """Where it listens, as the settings want it."""
        return f"{self.host}:{self.port}"

    def set(self, name: str, kind: str, *values: str) -> None:
        """Publish values under a name."""
        self.zone.setdefault(name.lower(), {})[kind] = list(values)

    def answer(self, packet: bytes, *, limit: int) -> bytes | None:
        """Return the answer to a query; None for silence."""
        query = dns.message.from_wire(packet)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name in self.failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply.to_wire()
        if name not in self.zone:
            reply.set_rcode(dns.rcode.NXDOMAIN)
            return reply.to_wire()
        values = self.zone[name].get(kind, [])
        if values:
            texts = [_spelled(kind, value) for value in values]
            reply.answer.append(
                dns.rrset.from_text_list(question.name, 60, dns.rdataclass.IN, kind, texts)
            )
        wire = reply.to_wire()
        if len(wire) > limit:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            wire = reply.to_wire()
        return wire


def _spelled(kind: str, value: str) -> str:
    if kind in {"MX", "PTR", "CNAME"}:
        return f"{value.rstrip('.')}."
    if kind != "TXT":
        return value
    escaped = [
        value[at : at + 255].replace("\\", "\\\\").replace('"', '\\"')
        for at in range(0, max(len(value), 1), 255)
    ]
    return " ".join(f'"{part}"' for part in escaped)


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        packet, answering = self.request
        wire = self.server.zone_of.answer(packet, limit=_UDP_OCTETS)
        if wire is not None:
            answering.sendto(wire, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        head = self.rfile.read(2)
        query = self.rfile.read(struct.unpack("!H", head)[0]) if len(head) == 2 else b""
        wire = self.server.zone_of.answer(query, limit=65535) if query else None
        if wire is not None:
            self.wfile.write(struct.pack("!H", len(wire)) + wire)


@contextmanager
def dns_running() -> Iterator[DnsServer]:
    """Run a server on a free port of 127.0.0.1."""
    server = DnsServer()
    both = _pair(server)
    server.port = int(both[0].server_address[1])
    threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in both]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        for one in both:
            one.shutdown()
            one.server_close()
        for thread in threads:
            thread.join()


def _pair(server: DnsServer) -> tuple[Any, Any]:
    """Return both servers on one port that is free for both."""
    for _ in range(50):
        udp: Any = socketserver.UDPServer((server.host, 0), _Datagram)
        try:
            tcp: Any = _Tcp(udp.server_address, _Stream)
        except OSError:
            udp.server_close()
            continue
        udp.zone_of = tcp.zone_of = server
        return udp, tcp
    raise OSError("no port is free for both UDP and TCP")


class _Tcp(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 50
