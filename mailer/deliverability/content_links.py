"""Looks at the links of an e-mail: where they lead, what they say they are, how many."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import idna

from foundation.addresses import registrable_domain
from mailer.deliverability.content_remarks import Anchor, Remark
from mailer.deliverability.content_words import SHORTENERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MANY = 3
_WORDS_A_LINK = 25
_LOOKED_AT = 200
_SAID_HOST = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24})(?:[/?#:]\S*)?", re.IGNORECASE
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def link_remarks(
    anchors: Sequence[Anchor], *, words: int, sender_domain: str, tracking_host: str
) -> Iterator[Remark]:
    """Return what there is to remark about an e-mail's links."""
    web = [(one, _host(one.href)) for one in anchors[:_LOOKED_AT]]
    web = [(one, host) for one, host in web if host]
    yield from _amount(len(web), words)
    for one, host in web:
        yield from _one_link(one, host)
    home = registrable_domain(sender_domain) or sender_domain
    if web and tracking_host and (registrable_domain(tracking_host) or tracking_host) != home:
        yield Remark(2, "Tracking", f"Links lead through {tracking_host}, not through {home}.",
                     "Give the mailbox a tracking domain under its own, or switch click tracking"
                     " off.")  # fmt: skip


def _amount(number: int, words: int) -> Iterator[Remark]:
    if number > _MANY:
        yield Remark(2, "Links", f"{number} links.", "One or two are enough for a first e-mail.")
    if number > 1 and words < number * _WORDS_A_LINK:
        yield Remark(1, "Links", f"{words} words beside {number} links.",
                     "Write more, or link less.")  # fmt: skip


def _one_link(one: Anchor, host: str) -> Iterator[Remark]:
    if _said_domain(one.label) not in ("", registrable_domain(host)):
        yield Remark(6, "Links", f"It says “{one.label[:60]}” but leads to {host}.",
                     "Let it say where it leads; this is what phishing looks like.")  # fmt: skip
    if host in SHORTENERS or registrable_domain(host) in SHORTENERS:
        yield Remark(4, "Links", f"{host} hides where it leads.", "Use the whole address.")
    if _is_address(host):
        yield Remark(5, "Links", f"It leads to a bare address, {host}.", "Use the site’s name.")
    elif _is_lookalike(host):
        yield Remark(6, "Links", f"“{_readable(host)}” mixes alphabets to look like another.",
                     "Check it letter by letter.")  # fmt: skip
    elif _readable(host) != host or not host.isascii():
        yield Remark(1, "Links", f"{_readable(host)} has letters outside ASCII.",
                     "Some filters distrust such names.")  # fmt: skip
    if one.href.lower().startswith("http://"):
        yield Remark(1, "Links", f"{host} is linked without encryption (http).", "Use https.")


def _host(href: str) -> str:
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") else ""


def _said_domain(label: str) -> str:
    """Return the registrable domain a label names as a whole; "" when it names none."""
    found = _SAID_HOST.fullmatch(label.strip())
    return registrable_domain(_ascii(found[1].lower())) if found else ""


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host


def _readable(host: str) -> str:
    try:
        return idna.decode(host) if "xn--" in host else host
    except idna.IDNAError:
        return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.isdecimal()
    return True


def _is_lookalike(host: str) -> bool:
    """Return whether one label mixes alphabets (UTS 39, roughly)."""
    return any(len(_alphabets(label)) > 1 for label in _readable(host).split("."))


def _alphabets(label: str) -> set[str]:
    names = (unicodedata.name(char, "") for char in label if char.isalpha())
    return {name.split()[0] for name in names if name.startswith(_SCRIPTS)}
