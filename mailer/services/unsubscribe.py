"""Unsubscribing by the link in a message: heard once, kept for ever."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Agency
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from mailer.enums import EventKind
from mailer.models import Message, MessageEvent
from mailer.services.patience import persist
from mailer.signals import recipient_unsubscribed

# Seconds: whoever asks waits; a mail program's one click is not repeated by it.
PATIENCE = 10.0


def unsubscribe_by_link(
    agency: Agency, message: Message, *, one_click: bool, now: datetime | None = None
) -> bool:
    """Suppress a message's recipient for the whole agency; False when that was so already.

    The suppression cancels whatever waits for the address, in one transaction, tried
    again when the database gives up on it (a deadlock, a restart).
    """
    at = now or timezone.now()
    return persist(
        lambda: _unsubscribe(agency, message, one_click=one_click, now=at), patience=PATIENCE
    )


@transaction.atomic
def _unsubscribe(agency: Agency, message: Message, *, one_click: bool, now: datetime) -> bool:
    suppress(
        agency=agency,
        kind=SuppressionKind.ADDRESS,
        values=[message.to_address],
        reason=SuppressionReason.UNSUBSCRIBED,
        source=f"Unsubscribe link of “{message.subject}”"[:200],
    )
    first = Message.objects.filter(pk=message.pk, unsubscribed_at=None)
    if not first.update(unsubscribed_at=now):
        return False
    MessageEvent.objects.create(
        agency=agency,
        message=message,
        kind=EventKind.UNSUBSCRIBED,
        at=now,
        evidence={"how": "one click" if one_click else "page"},
    )
    recipient_unsubscribed.send(
        sender=Message, agency=agency, address=message.to_address, message=message, inbound=None
    )
    return True
