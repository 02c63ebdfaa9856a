"""The door every value passes that becomes part of an e-mail's header or envelope."""

import re

import idna

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff]|\t")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class HeaderError(ValueError):
    """A value may not stand in a header; the message names the field and what is wrong."""


def check_header(field: str, value: str) -> str:
    """Return `value` unchanged, or raise `HeaderError` when it could start a new header."""
    found = _CONTROL.search(value) or _SURROGATE.search(value)
    if found:
        name = {"\r": "a line break", "\n": "a line break", "\x00": "a NUL"}.get(
            found.group(0), "a control character"
        )
        raise HeaderError(f"The {field} contains {name}; take it out.")
    return value


def wire_address(address: str) -> str:
    """Return an address as SMTP wants it: the domain in ASCII (IDNA 2008, UTS 46).

    A local part outside ASCII stays: the server must then offer SMTPUTF8.
    """
    check_header("address", address)
    local, _, domain = address.rpartition("@")
    if not local or re.search(r"[\s<>,;:\"()\[\]\\]", local):
        raise HeaderError(f"“{address}” cannot be used as an address.")
    try:
        host = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise HeaderError(f"The domain of “{address}” is not valid: {error}.") from error
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", host):
        raise HeaderError(f"The domain of “{address}” is not valid.")
    return f"{local}@{host}"
