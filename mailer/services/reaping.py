"""Finds what dead workers left: claims go back, hand-overs become uncertain."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from mailer.enums import MessageStatus
from mailer.models import Message
from mailer.services.leases import free_dead_leases
from mailer.services.moves import move_messages
from mailer.services.outbox import wake_sender
from mailer.services.poison import return_dead
from mailer.services.settling import announce_sent

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReapReport:
    """What one reaping found."""

    leases: int
    returned: int
    uncertain: int
    announced: int


def reap(now: datetime | None = None) -> ReapReport:
    """Return dead claims to the queue, and mark dead hand-overs uncertain.

    Safe at any time and in any number of processes: it touches only messages whose
    worker no longer holds the mailbox, and only while they still are that worker's.
    """
    now = now or timezone.now()
    leases = free_dead_leases(now=now)
    returned, uncertain = _settle_abandoned(now)
    announced = announce_sent()
    report = ReapReport(leases, returned, uncertain, announced)
    if leases or returned or uncertain:
        log.warning("reaped", leases=leases, returned=returned, uncertain=uncertain)
        wake_sender()
    return report


@transaction.atomic
def _settle_abandoned(now: datetime) -> tuple[int, int]:
    found = list(Message.objects.abandoned(now).values_list("pk", "claimed_by"))
    if not found:
        return 0, 0
    pks = [pk for pk, _ in found]
    rows = Message.objects.filter(pk__in=pks, claimed_by__in={owner for _, owner in found})
    returned = return_dead(rows, now=now)
    uncertain = move_messages(
        rows,
        old=[MessageStatus.HANDING_OVER],
        to=MessageStatus.UNCERTAIN,
        last_error="The worker stopped while it handed the e-mail over.",
    )
    return returned, uncertain
