"""Where a connection may go: addresses checked after DNS, and pinned.

A host is looked up once; what comes back is checked and is all that the HTTP library is
given. The library's sockets are made here too and check the very address they are about
to connect to, so that neither a second look-up nor a mistake above reaches further.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from typing import TYPE_CHECKING, Any

import dns.asyncresolver
import dns.exception
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings

from foundation.public_addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Sequence

    from integrations.crawler.urls import WebUrl

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Seconds: how long an answer is believed within one crawl, and waited for.
_FRESH = 60.0
_PATIENCE = 15.0


class DoorError(Exception):
    """A place the crawler does not go; the message is for people."""


class UnknownHostError(DoorError):
    """A host that has no address."""


class Doors:
    """Looks hosts up, checks what comes back, and makes the sockets.

    Args:
        networks: private networks the operator allows, as in `127.0.0.0/8`; their ports
            are free.
        ports: the ports that may be connected to on the public Internet.
    """

    def __init__(self, *, networks: Sequence[str], ports: Sequence[int]) -> None:
        self.networks = tuple(ipaddress.ip_network(network) for network in networks)
        self.ports = frozenset(ports)
        self._known: dict[str, tuple[float, list[str]]] = {}

    @classmethod
    def from_settings(cls) -> Doors:
        """Return the doors the operator has set."""
        return cls(networks=settings.CRAWLER_PRIVATE_NETWORKS, ports=settings.CRAWLER_PORTS)

    def allows(self, address: str) -> bool:
        """Return whether an IP address may be connected to."""
        return is_public(address) or self._listed(address)

    def _listed(self, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        return any(ip in network for network in self.networks if network.version == ip.version)

    async def check(self, url: WebUrl) -> list[str]:
        """Return the addresses a URL's host may be reached at.

        Raises `UnknownHostError` when it has none, `DoorError` when they or the port are
        not to be visited.
        """
        found = await self._addresses(url.host)
        allowed = [address for address in found if self.allows(address)]
        if not allowed:
            msg = f"{url.host} is an address of a private network; only public sites are visited."
            raise DoorError(msg)
        if url.port not in self.ports and not all(map(self._listed, allowed)):
            usual = ", ".join(map(str, sorted(self.ports)))
            msg = f"Port {url.port} is not visited; only {usual} are."
            raise DoorError(msg)
        return allowed

    async def _addresses(self, host: str) -> list[str]:
        known = self._known.get(host)
        if known and known[0] > time.monotonic():
            return known[1]
        found = await look_up(host)
        self._known[host] = (time.monotonic() + _FRESH, found)
        return found

    def open_socket(self, where: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one address; raises `OSError` where it must not connect."""
        family, kind, protocol, _, address = where
        if not self.allows(str(address[0])):
            msg = "refused: a private address"
            raise PermissionError(msg)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)  # noqa: FBT003  # socket's own signature
        return made


class PinnedResolver(AbstractResolver):
    """Gives the HTTP library the addresses that were checked, and no others."""

    def __init__(self) -> None:
        self.pins: dict[str, list[str]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return a host's checked addresses; raises `OSError` when it was never checked."""
        if host not in self.pins:
            msg = f"{host} was not checked"
            raise OSError(msg)
        return [_result(host, address, port) for address in self.pins[host]]

    async def close(self) -> None:
        """Nothing to close."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0,
        flags=socket.AI_NUMERICHOST,
    )  # fmt: skip


async def look_up(host: str) -> list[str]:
    """Return every address of a host, unchecked; raises `UnknownHostError`."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        async with asyncio.timeout(_PATIENCE):
            found = await (_ask(host) if settings.DNS_SERVERS else _ask_system(host))
    except (OSError, UnicodeError, dns.exception.DNSException, TimeoutError) as error:
        msg = f"{host} was not found in DNS."
        raise UnknownHostError(msg) from error
    return list(dict.fromkeys(found))


async def _ask_system(host: str) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


async def _ask(host: str) -> list[str]:
    resolver = dns.asyncresolver.Resolver(configure=False)
    places = [server.rpartition(":") for server in settings.DNS_SERVERS]
    resolver.nameservers = [place[0] or place[2] for place in places]
    resolver.timeout, resolver.lifetime = 2.0, _PATIENCE
    resolver.port = int(places[0][2]) if places[0][0] else 53
    answers = await asyncio.gather(
        *(resolver.resolve(host, kind, raise_on_no_answer=False) for kind in ("A", "AAAA"))
    )
    found = [str(record) for answer in answers for record in answer]
    if not found:
        msg = "no address"
        raise OSError(msg)
    return found
