"""Asking the DNS: what was found, what is certainly not there, and what nobody answered.

The three are told apart because only the second means that something is missing. With
`DNS_SERVERS` set those servers are asked, else the machine's own.
"""

import ipaddress
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
import dns.reversename
from django.conf import settings

# One question may take this long, so that one silent server leaves time for another.
_QUESTION_SECONDS = 2.0
_MAX_VALUES = 100
_FAILURES = (dns.exception.DNSException, UnicodeError, OSError, ValueError)


class Found(StrEnum):
    """What became of a question."""

    YES = "yes"
    NO_RECORD = "no record"
    NO_NAME = "no name"
    NO_ANSWER = "no answer"


_MEANING: dict[type[Exception], Found] = {
    dns.resolver.NXDOMAIN: Found.NO_NAME,
    dns.resolver.NoAnswer: Found.NO_RECORD,
}


@dataclass(frozen=True)
class Answer:
    """The values of one name and type; `found` says whether none means none."""

    found: Found
    values: tuple[str, ...] = ()

    @property
    def is_void(self) -> bool:
        """Whether the DNS said that there is nothing (RFC 7208 4.6.4 counts these)."""
        return self.found in {Found.NO_RECORD, Found.NO_NAME}

    @property
    def is_unknown(self) -> bool:
        """Whether nobody answered, so that nothing may be concluded."""
        return self.found == Found.NO_ANSWER


def make_resolver(seconds: float) -> dns.resolver.Resolver:
    """Return a resolver for the servers of the settings, giving up after `seconds`."""
    try:
        resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    except dns.resolver.NoResolverConfiguration:
        resolver = dns.resolver.Resolver(configure=False)
    if settings.DNS_SERVERS:
        hosts = [server.rpartition(":") for server in map(_with_port, settings.DNS_SERVERS)]
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(host.strip("[]"), int(port)) for host, _, port in hosts
        ]
    resolver.timeout = min(seconds, _QUESTION_SECONDS)
    resolver.lifetime = seconds
    return resolver


def _with_port(server: str) -> str:
    if "]:" in server or server.count(":") == 1:
        return server
    return f"[{server.strip('[]')}]:53" if ":" in server else f"{server}:53"


class Names:
    """Questions to the DNS that all together take no longer than `seconds`; none asked twice.

    Safe to ask from several threads.
    """

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._resolver = make_resolver(min(seconds, 2 * _QUESTION_SECONDS))
        self._known: dict[tuple[str, str], Answer] = {}

    def txt(self, name: str) -> Answer:
        """Return each TXT record with its strings joined (RFC 7208 3.3)."""
        return self._ask(name, "TXT")

    def mx(self, name: str) -> Answer:
        """Return "preference host" of each MX, best first; "0 ." is a null MX (RFC 7505)."""
        return self._ask(name, "MX")

    def addresses(self, name: str) -> Answer:
        """Return the IPv4 and IPv6 addresses of a host."""
        four, six = self._ask(name, "A"), self._ask(name, "AAAA")
        values = four.values + six.values
        if values:
            return Answer(Found.YES, values)
        unknown = [answer for answer in (four, six) if answer.is_unknown]
        return unknown[0] if unknown else four

    def pointer(self, address: str) -> Answer:
        """Return the names an IP address says it has."""
        name = dns.reversename.from_address(str(ipaddress.ip_address(address)))
        return self._ask(name.to_text(), "PTR")

    def _ask(self, name: str, kind: str) -> Answer:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            self._known[key] = self._resolve(*key)
        return self._known[key]

    def _resolve(self, name: str, kind: str) -> Answer:
        left = self._deadline - time.monotonic()
        if left <= 0 or not self._resolver.nameservers:
            return Answer(Found.NO_ANSWER)
        try:
            query = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
            lifetime = min(left, self._resolver.lifetime)
            answers = self._resolver.resolve(query, kind, lifetime=lifetime, search=False)
        except _FAILURES as error:
            return Answer(_MEANING.get(type(error), Found.NO_ANSWER))
        values = sorted((_spelled(record, kind) for record in answers), key=_order)
        return Answer(Found.YES, tuple(values[:_MAX_VALUES]))


def _spelled(record: Any, kind: str) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")
    if kind == "MX":
        host = str(record.exchange)
        return f"{record.preference} {host if host == '.' else host.rstrip('.')}"
    return str(record).rstrip(".")


def _order(value: str) -> tuple[int, str]:
    first = value.partition(" ")[0]
    return (int(first) if first.isdecimal() else 0, value)
