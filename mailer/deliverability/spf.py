"""Reads a domain's SPF record and follows it as a receiver would (RFC 7208), within its limits."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foundation.names import Answer, Names

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 7208 4.6.4.
MAX_LOOKUPS, MAX_VOIDS, MAX_HOSTS = 10, 2, 10
_MAX_TERMS = 200
_TERM = re.compile(
    r"(?P<sign>[+?~-]?)(?P<kind>[a-z][a-z0-9_.-]*)(?:(?P<by>[:=])(?P<value>[^/\s][^\s]*?))?"
    r"(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?",
    re.IGNORECASE,
)
_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_MODIFIERS = frozenset({"redirect", "exp"})
_NEEDS_VALUE = frozenset({"include", "exists", "ip4", "ip6", "redirect", "exp"})
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})


class SpfError(Exception):
    """A record no receiver can evaluate (permerror); the message says why."""


class SpfUnknownError(Exception):
    """The DNS did not answer, so nothing may be concluded."""


@dataclass(frozen=True)
class Term:
    """One mechanism or modifier of a record."""

    raw: str
    sign: str
    kind: str
    value: str = ""
    four: int = 32
    six: int = 128


@dataclass
class Spf:
    """What following a domain's record came to.

    `all_sign` is the qualifier of the `all` in force ("" when there is none); `passed`
    are the networks that pass, as far as they can be known without a sender's address.
    """

    record: str = ""
    problem: str = ""
    is_unknown: bool = False
    all_sign: str = ""
    lookups: int = 0
    voids: int = 0
    included: list[str] = field(default_factory=list)
    passed: list[Network] = field(default_factory=list)
    chain: list[tuple[str, str]] = field(default_factory=list)
    has_macro: bool = False
    has_ptr: bool = False

    def allows(self, address: str) -> bool:
        """Return whether an IP address is in one of the networks that pass."""
        found = ipaddress.ip_address(address)
        return any(found.version == net.version and found in net for net in self.passed)


def look_up_spf(domain: str, names: Names) -> Spf:
    """Return a domain's record followed to its end; `record` is empty when there is none."""
    spf = Spf()
    try:
        record = _record_of(names.txt(domain))
        if record:
            spf.record = record
            _Walk(spf, names).follow(domain, record)
    except SpfError as error:
        spf.problem = str(error)
    except SpfUnknownError:
        spf.is_unknown = True
    return spf


def parse_record(record: str) -> list[Term]:
    """Return the terms of a record; raises `SpfError` naming the one that cannot be read."""
    words = record.split()[1:]
    if len(words) > _MAX_TERMS:
        raise SpfError("The record is far too long.")
    terms = [_term(word) for word in words]
    if sum(term.kind == "redirect" for term in terms) > 1:
        raise SpfError("“redirect” stands there more than once.")
    return [term for term in terms if term.kind in _MECHANISMS | _MODIFIERS]


def _term(word: str) -> Term:
    found = _TERM.fullmatch(word)
    if found is None:
        raise SpfError(f"“{word[:60]}” cannot be read.")
    kind, value = found["kind"].lower(), found["value"] or ""
    if found["by"] == "=":
        known = kind if kind in _MODIFIERS else "ignored"  # RFC 7208 6: unknown ones are
        return Term(word, "", known, _needed(word, known, value))
    if kind not in _MECHANISMS:
        raise SpfError(f"“{word[:60]}” is not something SPF knows.")
    if kind in {"ip4", "ip6"}:
        value = _network_text(word, kind, value, found)
    four, six = int(found["four"] or 32), int(found["six"] or 128)
    if kind in {"a", "mx"} and (four > 32 or six > 128):  # noqa: PLR2004  # bits of an address
        raise SpfError(f"“{word[:60]}” has an impossible prefix length.")
    return Term(word, found["sign"] or "+", kind, _needed(word, kind, value), four, six)


def _needed(word: str, kind: str, value: str) -> str:
    if kind in _NEEDS_VALUE and not value:
        raise SpfError(f"“{word[:60]}” lacks what it should name.")
    return value


def _network_text(word: str, kind: str, value: str, found: re.Match[str]) -> str:
    text = f"{value}/{found['four']}" if found["four"] else value
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise SpfError(f"“{word[:60]}” is not an address or network.") from error
    if network.version != int(kind[2]):
        raise SpfError(f"“{word[:60]}” is not an {kind[:2].upper()}v{kind[2]} address.")
    return str(network)


def _record_of(answer: Answer) -> str:
    """Return the one SPF record among TXT records; "" for none."""
    if answer.is_unknown:
        raise SpfUnknownError
    found = [text for text in answer.values if re.match(r"v=spf1(?: |\Z)", text, re.IGNORECASE)]
    if len(found) > 1:
        raise SpfError(
            f"There are {len(found)} SPF records; receivers then ignore all of them"
            " (RFC 7208 4.5). Merge them into one."
        )
    return found[0] if found else ""


class _Walk:
    """The way through includes and redirects, with what it may cost."""

    def __init__(self, spf: Spf, names: Names) -> None:
        self.spf, self.names = spf, names

    def follow(self, domain: str, record: str, *, top: bool = True) -> None:
        """Follow one record; only the top one's `all` is in force."""
        self.spf.chain.append((domain, record))
        terms = parse_record(record)
        redirect = next((term for term in terms if term.kind == "redirect"), None)
        for term in terms:
            if term.kind == "all":
                self._all(term, top=top)
                return
            if term.kind in _MECHANISMS:
                self._mechanism(domain, term)
        if redirect is not None:
            self._count(redirect)
            target = redirect.value
            self.follow(target, self._needed_record(redirect), top=top)

    def _all(self, term: Term, *, top: bool) -> None:
        if top:
            self.spf.all_sign = term.sign
        if term.sign == "+":
            self.spf.passed += [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]

    def _mechanism(self, domain: str, term: Term) -> None:
        if term.kind in _ASKS:
            self._count(term)
        if "%" in term.value:
            self.spf.has_macro = True
        elif term.kind == "include":
            self.spf.included.append(term.value.lower().rstrip("."))
            self.follow(term.value, self._needed_record(term), top=False)
        elif term.kind in {"ip4", "ip6"}:
            self._pass(term, [ipaddress.ip_network(term.value)])
        elif term.kind == "a":
            self._pass(term, self._hosts(term.value or domain, term))
        elif term.kind == "mx":
            self._pass(term, self._mail_hosts(term.value or domain, term))
        elif term.kind == "ptr":
            self.spf.has_ptr = True
        else:
            self._seen(self.names.addresses(term.value))

    def _count(self, term: Term) -> None:
        self.spf.lookups += 1
        if self.spf.lookups > MAX_LOOKUPS:
            raise SpfError(
                f"It needs more than {MAX_LOOKUPS} DNS look-ups (at “{term.raw[:60]}”), so"
                " receivers give up (RFC 7208 4.6.4). Remove includes you no longer use."
            )

    def _seen(self, answer: Answer) -> Answer:
        """Count an answer that says there is nothing."""
        if answer.is_unknown:
            raise SpfUnknownError
        if answer.is_void:
            self.spf.voids += 1
        if self.spf.voids > MAX_VOIDS:
            raise SpfError(
                f"More than {MAX_VOIDS} of its look-ups find nothing, so receivers give up"
                " (RFC 7208 4.6.4). Remove names that no longer exist."
            )
        return answer

    def _needed_record(self, term: Term) -> str:
        record = _record_of(self._seen(self.names.txt(term.value)))
        if not record:
            raise SpfError(f"“{term.raw[:60]}” leads to a domain without an SPF record.")
        return record

    def _hosts(self, host: str, term: Term) -> list[Network]:
        return [_around(one, term) for one in self._seen(self.names.addresses(host)).values]

    def _mail_hosts(self, domain: str, term: Term) -> list[Network]:
        servers = self._seen(self.names.mx(domain)).values
        if len(servers) > MAX_HOSTS:
            raise SpfError(f"“{term.raw[:60]}” has more than {MAX_HOSTS} mail servers.")
        hosts = [server.partition(" ")[2] for server in servers]
        found = [self.names.addresses(host) for host in hosts if host != "."]
        if any(answer.is_unknown for answer in found):
            raise SpfUnknownError
        return [_around(one, term) for answer in found for one in answer.values]

    def _pass(self, term: Term, networks: list[Network]) -> None:
        if term.sign == "+":
            self.spf.passed += networks


def _around(address: str, term: Term) -> Network:
    size = term.four if ":" not in address else term.six
    return ipaddress.ip_network(f"{address}/{size}", strict=False)
