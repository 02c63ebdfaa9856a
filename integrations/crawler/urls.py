"""A web address taken apart once, the way the connection will use it (WHATWG URL).

The crawler never hands the text somebody typed to an HTTP library: it builds the request
from these parts, so that no other reading of the same text can lead elsewhere.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

import idna

LONGEST = 2048  # characters; longer addresses are attacks or mistakes
PORTS = {"http": 80, "https": 443}
_AROUND = "".join(map(chr, range(0x21)))
_INSIDE = re.compile(r"[\t\r\n]")
_SHAPE = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_KEPT = "%/?:@!$&'()*+,;=~-._|[]"


class UrlError(ValueError):
    """An address the crawler does not visit; the message is for people."""


@dataclass(frozen=True, slots=True)
class WebUrl:
    """The parts of an http or https address; the host is ASCII and in lower case."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port, the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt is valid for."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


def parse_url(text: str) -> WebUrl:
    """Take an absolute http or https address apart; the fragment is dropped.

    Raises `UrlError` for other schemes, user names, ports out of range and hosts that no
    browser would connect to.
    """
    clean = _INSIDE.sub("", text.strip(_AROUND))
    if len(clean) > LONGEST:
        msg = f"The address is longer than {LONGEST} characters."
        raise UrlError(msg)
    front, mark, behind = clean.partition("?")
    found = _SHAPE.fullmatch(front.replace("\\", "/") + mark + behind) or _SHAPE.match(clean)
    if found is None:
        raise UrlError("Only addresses that start with http:// or https:// are visited.")
    scheme, authority, target = found[1].lower(), found[2], found[3]
    if "@" in authority:
        raise UrlError("Addresses with a user name or password in them are not visited.")
    host, port = _split_port(authority)
    return WebUrl(scheme, parse_host(host), port or PORTS[scheme], _path(target))


def _split_port(authority: str) -> tuple[str, int]:
    host, mark, port = authority.rpartition(":")
    if not mark or port.endswith("]"):
        return authority, 0
    if port and (not port.isascii() or not port.isdigit() or int(port) not in range(1, 65536)):
        raise UrlError("The port in the address is not a number from 1 to 65535.")
    return host, int(port or 0)


def _path(target: str) -> str:
    return quote(target if target.startswith("/") else f"/{target}", safe=_KEPT)


def parse_host(text: str) -> str:
    """Return a host as it is looked up: an IP address in its usual form, or an ASCII name.

    Percent-encoding, Unicode digits and dots, and numbers in octal, hexadecimal or one
    piece are read as a browser reads them. Raises `UrlError`.
    """
    if text.startswith("["):
        return _ipv6(text)
    name = unquote_to_bytes(text).decode("utf-8", "replace")
    ascii_name = (name.lower() if name.isascii() else _idna(name)).removesuffix(".")
    labels = ascii_name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(labels)
    if len(ascii_name) > 253 or not all(map(_LABEL.fullmatch, labels)):  # noqa: PLR2004  # RFC 1035 2.3.4
        msg = f"“{text[:80]}” is not the name of a host."
        raise UrlError(msg)
    return ascii_name


def _idna(name: str) -> str:
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        msg = f"“{name[:80]}” is not the name of a host."
        raise UrlError(msg) from None


def _ipv6(text: str) -> str:
    try:
        # With a zone (a network card of this machine) or without its "]" it is none.
        inside = text[1:-1] if text.endswith("]") and "%" not in text else ""
        return str(ipaddress.IPv6Address(inside))
    except ValueError:
        msg = f"“{text[:80]}” is not an IPv6 address."
        raise UrlError(msg) from None


def _ipv4(labels: list[str]) -> str:
    try:
        *heads, tail = map(_number, labels)
        # The last number fills all bytes that are left: 127.1 is 127.0.0.1.
        parts = bytes(heads) + tail.to_bytes(max(4 - len(heads), 1), "big")
        return str(ipaddress.IPv4Address(parts))
    except (ValueError, OverflowError):
        msg = f"“{'.'.join(labels)[:80]}” is not an IPv4 address."
        raise UrlError(msg) from None


def _number(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") and len(label) > 1 else 10)
