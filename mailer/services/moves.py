"""The only door through which a message changes its status."""

from collections.abc import Iterable

from django.db.models import QuerySet

from foundation.choices import check_move
from mailer.enums import MOVES, MessageStatus
from mailer.models import Message

# What a message forgets when nobody works on it any more.
UNCLAIMED = {"claimed_by": "", "claimed_at": None, "claimed_fence": None}


def move_messages(
    rows: QuerySet[Message], *, old: Iterable[MessageStatus], to: MessageStatus, **columns: object
) -> int:
    """Move those of `rows` that still stand at `old`, and return how many did.

    One compare-and-swap UPDATE: whoever comes second finds nothing to move. Further
    conditions (a fence, an owner) belong into `rows`. Raises `MoveError` when the
    table of moves forbids it.
    """
    statuses = list(old)
    for status in statuses:
        if status != to:
            check_move("message", MOVES, status, to)
    return rows.filter(status__in=statuses).update(status=to, **columns)
