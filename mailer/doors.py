"""The only way to a mail server somebody typed in: public addresses, checked after DNS."""

import ipaddress
import socket

from django.conf import settings

from foundation.public_addresses import (
    HostError,
    PrivateHostError,
    Target,
    connect,
    is_public,
    resolve,
    resolve_public,
)

__all__ = [
    "HostError",
    "PrivateHostError",
    "Target",
    "is_loopback",
    "is_public",
    "lookup",
    "open_socket",
]


def is_loopback(host: str) -> bool:
    """Return whether every address of `host` is this machine's own."""
    try:
        return all(ipaddress.ip_address(target.address).is_loopback for target in resolve(host, 1))
    except (HostError, ValueError):
        return False


def lookup(host: str, port: int) -> list[Target]:
    """Return a mail server's addresses, private ones only where the operator allows them.

    Raises `HostError` for a host without address or with a private one.
    """
    return (resolve if settings.ALLOW_PRIVATE_MAIL_HOSTS else resolve_public)(host, port)


def open_socket(host: str, port: int, *, timeout: float) -> socket.socket:
    """Connect to a mail server's checked address.

    Raises `HostError` for a host without address or with a private one, and `OSError`
    when nothing answers.
    """
    return connect(lookup(host, port), timeout=timeout)
