"""The only way to a mail server somebody typed in: public addresses, checked after DNS.

The connection goes to the very address that was checked, so a name that answers
differently the second time (DNS rebinding) reaches nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass

from django.conf import settings

_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.0.0.0/24")
)


class HostError(Exception):
    """A host that cannot, or must not, be connected to; the message is for people."""


@dataclass(frozen=True)
class Target:
    """One checked address of a host."""

    family: int
    address: str
    port: int


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public Internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    in_tunnel = any(ip in net for net in _NEVER if net.version == ip.version)
    return ip.is_global and not ip.is_multicast and not in_tunnel


def is_loopback(host: str) -> bool:
    """Return whether every address of `host` is this machine's own."""
    try:
        return all(ipaddress.ip_address(target.address).is_loopback for target in lookup(host, 1))
    except (HostError, ValueError):
        return False


def lookup(host: str, port: int) -> list[Target]:
    """Return the addresses of a host, unchecked; raises `HostError` when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        msg = f"The server name {host} was not found in DNS. Check its spelling."
        raise HostError(msg) from error
    return [Target(family, str(where[0]), port) for family, _, _, _, where in found]


def open_socket(host: str, port: int, *, timeout: float) -> socket.socket:
    """Connect to a mail server's checked address.

    Raises `HostError` for a host without address or with a private one, and `OSError`
    when nothing answers.
    """
    targets = lookup(host, port)
    if not settings.ALLOW_PRIVATE_MAIL_HOSTS and not all(is_public(t.address) for t in targets):
        msg = f"{host} is an address of a private network; mailboxes must be on the Internet."
        raise HostError(msg)
    problem: OSError = OSError("no address")
    for target in targets:
        opened = socket.socket(target.family, socket.SOCK_STREAM)
        opened.settimeout(timeout)
        try:
            opened.connect((target.address, target.port))
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    raise problem
