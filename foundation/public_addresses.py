"""The one door to addresses somebody else chose: public ones only, checked after DNS.

A caller resolves a host with `resolve_public` and connects to what came back with
`connect`, never to the name again: a name that answers differently the second time (DNS
rebinding) reaches nothing. Every spelling of an address (decimal, octal, hexadecimal,
IPv4 inside IPv6) goes through the system's resolver first, so none of them is special.
"""

import ipaddress
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

_ORDINARY_V6 = ipaddress.ip_network("2000::/3")
# Public by the registries, and yet never somebody's server: tunnels that lead to any IPv4
# address, anycast of tunnels, protocol assignments, a cloud's own metadata service.
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
    )
)


class HostError(Exception):
    """A host that cannot, or must not, be connected to; the message is for people."""


class PrivateHostError(HostError):
    """A host with an address that is not of the public Internet."""


@dataclass(frozen=True)
class Target:
    """One address of a host."""

    family: int
    address: str
    port: int


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public Internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _ORDINARY_V6:
            return False
    unusual = any(ip in net for net in _NEVER if net.version == ip.version)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not unusual


def resolve(host: str, port: int) -> list[Target]:
    """Return the addresses of a host, unchecked; raises `HostError` when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        msg = f"The server name {host} was not found in DNS. Check its spelling."
        raise HostError(msg) from error
    return [Target(family, str(where[0]), port) for family, _, _, _, where in found]


def resolve_public(host: str, port: int) -> list[Target]:
    """Return the addresses of a host, all of them public.

    Raises `PrivateHostError` when only one is not, `HostError` when there is none.
    """
    targets = resolve(host, port)
    if not all(is_public(target.address) for target in targets):
        msg = f"{host} is an address of a private network; it must be on the Internet."
        raise PrivateHostError(msg)
    return targets


def connect(targets: Sequence[Target], *, timeout: float) -> socket.socket:
    """Connect to the first target that answers; raises the last one's `OSError`.

    `timeout` is in seconds, for all targets together.
    """
    problem: OSError = OSError("no address")
    deadline = time.monotonic() + timeout
    for target in targets:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        opened = socket.socket(target.family, socket.SOCK_STREAM)
        opened.settimeout(left)
        try:
            opened.connect((target.address, target.port))
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    raise problem
