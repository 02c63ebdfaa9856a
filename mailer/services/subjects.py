"""Finds what a mail answers by its subject, when nothing else names it.

Somebody answering from a private address whose program keeps no references is still
recognised: "Re:" and our own words, sent from this mailbox lately to one person only, or
to one of that name, or with their address in the quoted text.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from mailer.enums import InboundKind
from mailer.models import Mailbox, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.reading import Reading

RECENT = timedelta(days=60)
MAX_MESSAGES = 500
# Shorter subjects ("Hello") are everybody's.
FEWEST_WORDS = 3
_PREFIX = re.compile(
    r"^(?:\s{0,3}(?:re|aw|sv|vs|odp|rif|ref|antw|res|fwd?|wg|tr|rv|enc)\s{0,2}(?:\[\d{1,3}\])?:)+\s*",
    re.IGNORECASE,
)
_ANSWERS = frozenset({InboundKind.REPLY, InboundKind.UNSUBSCRIBE, InboundKind.OUT_OF_OFFICE})


def bare_subject(subject: str) -> str:
    """Return a subject without "Re:" and the like, as it is compared."""
    return " ".join(_PREFIX.sub("", subject[:500]).lower().split())


def under_our_subject(mailbox: Mailbox, readings: Sequence[Reading]) -> dict[str, list[Message]]:
    """Return this mailbox's late messages by subject, for the subjects these mails answer."""
    asked = {_PREFIX.sub("", one.subject[:500]).strip() for one in readings if _may_answer(one)}
    if not asked:
        return {}
    rows = (
        Message.objects.filter(
            mailbox=mailbox, sent_at__gte=timezone.now() - RECENT, subject__in=asked
        )
        .select_related("thread")
        .order_by("-sent_at", "-id")[:MAX_MESSAGES]
    )
    found: dict[str, list[Message]] = {}
    for row in rows:
        found.setdefault(bare_subject(row.subject), []).append(row)
    return found


def only_answered(reading: Reading, by_subject: dict[str, list[Message]]) -> Message | None:
    """Return the message a stranger's mail answers, if it can only be one person's."""
    if not _may_answer(reading):
        return None
    messages = by_subject.get(bare_subject(reading.subject), [])
    return whose(reading, messages, complete=len(messages) < MAX_MESSAGES)


def whose(
    reading: Reading, messages: Sequence[Message], *, complete: bool = True
) -> Message | None:
    """Return the last of these messages a mail answers, if only one person got it.

    Of several people it is the one whose address is quoted, or whose full name signs.
    """
    quoted = reading.text.lower()
    named = [one for one in messages if _quotes(quoted, one.to_address)]
    by_name = [one for one in messages if _same_name(one.to_name, reading.from_name)]
    everyone = messages if complete else []
    return next((rows[0] for rows in (named, by_name, everyone) if _one_person(rows)), None)


def _quotes(text: str, address: str) -> bool:
    """Return whether a text has an address, and not only as a part of another one."""
    if address not in text:
        return False
    whole = rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)"
    return re.search(whole, text) is not None


def _may_answer(reading: Reading) -> bool:
    answered = _PREFIX.match(reading.subject[:500]) is not None
    enough = len(bare_subject(reading.subject).split()) >= FEWEST_WORDS
    return reading.kind in _ANSWERS and answered and enough


def _one_person(rows: Sequence[Message]) -> bool:
    return len({row.to_address for row in rows}) == 1


def _same_name(ours: str, theirs: str) -> bool:
    """Return whether two full names are the same; a first name alone is no name."""
    left, right = set(ours.lower().split()), set(theirs.lower().split())
    return len(left) > 1 and left == right
