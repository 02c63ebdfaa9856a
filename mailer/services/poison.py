"""Sets an e-mail aside that workers keep dying of, before it can stop the mailbox behind it.

Only what certainly was not handed over: a worker that dies after the point of no return
leaves an uncertain message, which is never tried again by itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from mailer.enums import MessageStatus
from mailer.models import Message
from mailer.services.moves import UNCLAIMED, move_messages
from mailer.services.outbox import return_slots
from mailer.services.settling import fail

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from mailer.services.leases import Lease

DEATHS = 3
# From the second death on it waits, so that a pass can do the others meanwhile.
WAIT = timedelta(minutes=1)
_WAITS = "The worker that was about to send it stopped; it is taken up again."
_KILLED = (
    "Three workers in a row stopped while they prepared this e-mail, so it was set aside. It was"
    " not handed over. Send it again once the cause is found."
)
_STUMBLED = (
    "It could not be prepared three times in a row, so it was set aside. It was not handed over."
    " The last error was {error}."
)


def return_dead(rows: QuerySet[Message], *, now: datetime) -> int:
    """Put claimed messages whose worker died back into the queue; returns how many moved.

    The third death in a row sets a message aside. Call it in a transaction.
    """
    claimed = rows.filter(status=MessageStatus.CLAIMED)
    poison = list(claimed.filter(deaths__gte=DEATHS - 1).select_related("agency", "mailbox"))
    for message in poison:
        fail(claimed.filter(pk=message.pk), message, words=_KILLED, now=now)
    moved = _queue_again(claimed, reason=_WAITS, now=now)
    return moved + len(poison)


@transaction.atomic
def record_stumble(lease: Lease, message: Message, error: Exception, *, now: datetime) -> None:
    """Count an e-mail that cannot even be prepared; the third time in a row it is set aside."""
    words = f"{type(error).__name__}: {error}".replace("\x00", "")[:300]
    rows = Message.objects.claimed_under(lease.owner, lease.fence).filter(
        pk=message.pk, status=MessageStatus.CLAIMED
    )
    if rows.filter(deaths__gte=DEATHS - 1).exists():
        fail(rows, message, words=_STUMBLED.format(error=words), now=now)
        return
    rows.filter(deaths=0).update(next_attempt_at=now + WAIT)
    _queue_again(rows, reason=f"It could not be prepared ({words}); it is tried again.", now=now)


def _queue_again(rows: QuerySet[Message], *, reason: str, now: datetime) -> int:
    pks = list(rows.values_list("pk", flat=True))
    moved = move_messages(
        rows.filter(pk__in=pks),
        old=[MessageStatus.CLAIMED],
        to=MessageStatus.QUEUED,
        deaths=F("deaths") + 1,
        next_attempt_at=Case(
            When(Q(deaths__gte=1), then=Value(now + WAIT)), default=F("next_attempt_at")
        ),
        wait_reason=reason[:500],
        **UNCLAIMED,
    )
    if moved:
        return_slots(Message.objects.filter(pk__in=pks, status=MessageStatus.QUEUED))
    return moved
