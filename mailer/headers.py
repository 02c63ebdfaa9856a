"""The door every value passes that becomes part of an e-mail's header or envelope."""

import re

import idna

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff]|\t")
# Python's header classes decode what looks like an encoded word (RFC 2047), line breaks in
# it included, and write them out again as they are.
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[^?]*\?")
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
    if _ENCODED_WORD.search(value):
        raise HeaderError(f"The {field} contains an encoded word (=?…?=); write it plainly.")
    return value


def is_plain(value: str) -> bool:
    """Return whether a value may stand in a header."""
    try:
        check_header("value", value)
    except HeaderError:
        return False
    return True


def check_built(content: bytes, names: list[str]) -> None:
    """Raise `HeaderError` unless the built e-mail has these headers and no other, in order.

    The last line of defence: whatever a header class made of a value is seen here.
    """
    head = content.partition(b"\r\n\r\n")[0]
    found = [line.partition(b":")[0].decode("ascii", "replace") for line in _lines(head)]
    if found != names:
        raise HeaderError("The e-mail has headers it should not have; nothing of it is sent.")


def _lines(head: bytes) -> list[bytes]:
    return [line for line in re.split(rb"\r\n|\r|\n", head) if line[:1] not in (b" ", b"\t")]


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
