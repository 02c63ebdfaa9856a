"""What tests of sending do again and again."""

import datetime as dt
from typing import Any

from compliance.enums import SuppressionKind, SuppressionReason
from compliance.models import SendCounter
from compliance.services import suppress
from mailer.models import Mailbox, Message
from mailer.services.outbox import queue_messages
from tests.factories.mailer import draft

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def queue(mailbox: Mailbox, **changes: Any) -> Message:
    return queue_messages([draft(mailbox, **changes)])[0]


def status_of(message: Message) -> str:
    message.refresh_from_db()
    return message.status


def slots_used() -> int:
    return sum(SendCounter.objects.values_list("used", flat=True))


def suppress_address(message: Message) -> None:
    suppress(
        agency=message.agency,
        kind=SuppressionKind.ADDRESS,
        values=[message.to_address],
        reason=SuppressionReason.UNSUBSCRIBED,
    )
