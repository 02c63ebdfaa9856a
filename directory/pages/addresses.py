"""When two addresses are the same page: exactly, but for something named, or not at all.

Exact is what every server must treat alike (RFC 3986 6.2): case of scheme and host,
default port, dot segments, escapes of unreserved characters, the fragment, IDNA. Alike is
what sites treat alike, each kept as a note: http or https, www, a trailing slash, upper
and lower case, an index file, the order of the query, tracking parameters.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit

import tldextract

from integrations.crawler.urls import UrlError, parse_host

_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)
_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(
    r"utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|_hs\w+|mc_[ce]id|[gm]clid|gclsrc|fbclid|msclkid|dclid|wbraid"
    r"|gbraid|twclid|yclid|igshid|srsltid|_ga|_gl|ref|ref_src|referrer|source|spm|cmpid|campaign",
    re.IGNORECASE,
)
_INDEX = re.compile(r"/(?:index|default|home)\.(?:html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IGNORED = "".join(map(chr, range(0x21)))


class Nearness(IntEnum):
    """How near one address is to another."""

    OTHER = 0
    SAME_SITE = 1
    ALIKE = 2
    EXACT = 3


@dataclass(frozen=True, slots=True)
class Address:
    """A web address in the form it is compared in."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def bare_host(self) -> str:
        """The host without a leading www."""
        return self.host.removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near two addresses are, and in which words they differ where they are alike."""

    nearness: Nearness
    notes: tuple[str, ...] = ()


def resolve(base: str, href: str) -> str:
    """Return the absolute address of an href as a browser would (WHATWG URL), "" for none."""
    clean = re.sub(r"[\t\r\n]", "", href.strip(_IGNORED))
    front, mark, behind = clean.partition("?")
    try:
        return urljoin(base, front.replace("\\", "/") + mark + behind)
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def address(url: str) -> Address | None:
    """Return the compared form of an absolute http or https address, None for others."""
    try:
        parts = urlsplit(url.strip(_IGNORED))
        scheme = parts.scheme.lower()
        host = parse_host(_host(parts))
        port = parts.port or _PORTS[scheme]
    except (ValueError, KeyError, UrlError):
        return None
    return Address(scheme, host, port, _path(parts.path), _escapes(parts.query))


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _path(path: str) -> str:
    kept: list[str] = []
    *folders, last = _escapes(path).split("/")[1:] or [""]
    for segment in [*folders, last]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    tail = "/" if last in {".", ".."} and kept else ""
    return "/" + "/".join(kept) + tail


def _escapes(text: str) -> str:
    """Escape what must be, and nothing that need not be (RFC 3986 6.2.2.2)."""

    def plain(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    return _ESCAPE.sub(plain, quote(text, safe="%/:?@!$&'()*+,;=~-._|[]"))


def compare(found: str, wanted: str) -> Likeness:
    """Say how near the address of a link is to the address wanted."""
    ours, theirs = address(found), address(wanted)
    if ours is None or theirs is None:
        return Likeness(Nearness.OTHER)
    if ours == theirs:
        return Likeness(Nearness.EXACT)
    notes = _differences(ours, theirs)
    if notes is not None:
        return Likeness(Nearness.ALIKE, notes)
    near = same_site(ours, theirs)
    return Likeness(Nearness.SAME_SITE if near else Nearness.OTHER)


def same_site(one: Address, other: Address) -> bool:
    """Return whether two addresses are of one site: by the registrable domain.

    Two people's pages at one host of such (github.io, blogspot.com) are two sites.
    """
    return site_of(one.bare_host) == site_of(other.bare_host)


@lru_cache(maxsize=4096)
def site_of(host: str) -> str:
    """Return the registrable domain of a host, or the host where it has none."""
    parts = _extract(host)
    return f"{parts.domain}.{parts.suffix}" if parts.suffix and parts.domain else host


def _differences(found: Address, wanted: Address) -> tuple[str, ...] | None:
    """Return what differs where both are the same page in practice, None where they are not."""
    notes: list[str] = []
    if found.bare_host != wanted.bare_host or _port(found) != _port(wanted):
        return None
    if found.scheme != wanted.scheme:
        notes.append(f"with {found.scheme} instead of {wanted.scheme}")
    if found.host != wanted.host:
        notes.append("with www" if found.host.startswith("www.") else "without www")
    for part in (_path_notes(found.path, wanted.path), _query_notes(found.query, wanted.query)):
        if part is None:
            return None
        notes += part
    return tuple(notes)


def _port(one: Address) -> int:
    return 0 if one.port == _PORTS[one.scheme] else one.port


def _path_notes(found: str, wanted: str) -> list[str] | None:
    if found == wanted:
        return []
    index = "with an index file" if _INDEX.search(found) else "without the index file"
    slash = "with a slash" if found.endswith("/") else "without the slash"
    steps = (
        (index, _without_index),
        (f"{slash} at the end", _without_slash),
        ("in other upper and lower case", _lower),
    )
    notes: list[str] = []
    for words, change in steps:
        if (change(found) == found) != (change(wanted) == wanted) or change is _lower:
            notes.append(words)
        found, wanted = change(found), change(wanted)
        if found == wanted:
            return notes
    return None


def _without_index(path: str) -> str:
    return _INDEX.sub("/", path)


def _without_slash(path: str) -> str:
    return path.rstrip("/") or "/"


def _lower(path: str) -> str:
    return path.lower()


def _query_notes(found: str, wanted: str) -> list[str] | None:
    if found == wanted:
        return []
    ours, theirs = _pairs(found), _pairs(wanted)
    if sorted(ours) == sorted(theirs):
        return ["with the query in another order"] if ours != theirs else []
    if sorted(_telling(ours)) != sorted(_telling(theirs)):
        return None
    return [
        "with tracking parameters" if len(ours) > len(theirs) else "without tracking parameters"
    ]


def _telling(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if not _TRACKING.fullmatch(pair[0])]


def _pairs(query: str) -> list[tuple[str, str]]:
    # "&amp;" written twice over reaches us as "amp;name".
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name.removeprefix("amp;"), value) for name, value in pairs]
