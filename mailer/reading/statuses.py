"""Whether a delivery failure means that the address itself is dead.

A "permanent" SMTP answer mostly means that this mail was refused: a full, suspended or
blocking mailbox is alive. Only a person, a mailbox or a domain that does not exist is
dead (RFC 3463 5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10 and what servers say instead). "Mailbox
unavailable" alone is not: RFC 5321 4.2.3 gives it for policy refusals too.
"""

import re

from mailer.reading.phrases import pattern

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.\[])([45]\d{2})(?![\d.\]])")
_DEAD_CODES = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.1.351"))

# The mailbox exists, or this mail or its sender was what was refused.
# Less than that, outweighed by a status that names the address.
# What a remote server says of an unknown person. Some say it of any mail they refuse at
# DATA, so it counts only with a status that names the address, or in answer to RCPT.
# Nobody says these of an address that works.
_AT_RCPT = re.compile(
    r"rcpt|does not like recipient|recipient address rejected|\[rcpt_to\]", re.IGNORECASE
)
_AT_DATA = re.compile(r"end of data|>>> data|\(data\)|final data|\[body\]", re.IGNORECASE)
# A reply code as servers write it: "550 5.1.1 …", "said: 550 No such user".
_ANSWERED = re.compile(
    r"(?:^|said|error|code|reason|reply|response|answer|returned|respond\w*|was|smtp|[:;>(\"'=])"
    r"[ :=]{0,3}"
    r"\(?(?:4[235]\d|5[02357]\d)[ -]#?[(<\"'a-z\d]",
    re.IGNORECASE | re.MULTILINE,
)
_AT_MAIL = re.compile(r"(?:after|reply to|to our) mail from|\b5\.1\.[78]\b", re.IGNORECASE)
# "Your host is unknown", "sender domain does not exist": it is ours that they cannot find.
_OURS = re.compile(
    r"\b(?:sender(?:'s)?|client|your|helo|ehlo|reverse|sending|connecting|originating)"
    r"\W{1,3}(?:(?!message|mail|e-mail|recipient)\w{1,20}\W{1,3}){0,2}$",
    re.IGNORECASE,
)
_alive = pattern("server_alive")
_maybe_alive = pattern("server_maybe_alive")
_unknown = pattern("server_unknown_user")
_dead = pattern("server_dead")


def status_in(text: str) -> str:
    """Return the most telling enhanced status code (RFC 3463) of a text."""
    found: list[str] = _STATUS.findall(text)
    telling = [code for code in found if not code.endswith(".0")]
    return next(iter(telling or found), "")


def reply_in(text: str) -> str:
    """Return the SMTP reply code of a text."""
    found = _REPLY.search(text)
    return found.group(1) if found else ""


def is_answered(text: str) -> bool:
    """Return whether a text holds a server's answer, not just some number like one."""
    return bool(status_in(text)) or _ANSWERED.search(text) is not None


def tells(words: str) -> bool:
    """Return whether words say anything about why."""
    found = (_dead, _unknown, _alive, _maybe_alive)
    return bool(status_in(words)) or any(one.search(words) for one in found)


def is_dead(code: str, words: str) -> bool:
    """Return whether the address itself is dead.

    Args:
        code: an enhanced status or SMTP reply code, "" when none was given.
        words: what the server said about this recipient.
    """
    words = words[:4000]
    if code.startswith("4") or _AT_MAIL.search(words):
        return False
    dead = _dead.search(words)
    if dead and not _OURS.search(words[max(0, dead.start() - 40) : dead.start()]):
        return True
    unknown = _unknown.search(words) is not None
    if code in _DEAD_CODES:
        return unknown or _alive.search(words) is None
    at_rcpt = _AT_RCPT.search(words) is not None and _AT_DATA.search(words) is None
    doubt = _alive.search(words) or _maybe_alive.search(words)
    return unknown and at_rcpt and not doubt
