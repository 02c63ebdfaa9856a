"""Opens and clicks: recorded every time, counted once, machines apart from people."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from mailer import rules
from mailer.enums import AgentClass, EventKind
from mailer.models import Message, MessageEvent
from mailer.signals import message_clicked, message_opened
from mailer.tokens import Purpose, Token

_FIRST = {EventKind.OPENED: "opened_at", EventKind.CLICKED: "clicked_at"}
_SIGNAL = {EventKind.OPENED: message_opened, EventKind.CLICKED: message_clicked}
KIND_OF = {Purpose.OPEN: EventKind.OPENED, Purpose.CLICK: EventKind.CLICKED}


def find_message(token: Token) -> Message | None:
    """Return the message a token names, if it is still known in that agency."""
    return Message.objects.filter(agency=token.agency_id, pk=token.message_id).first()


@transaction.atomic
def record_fetch(
    message: Message,
    kind: EventKind,
    *,
    method: str,
    headers: Mapping[str, str],
    url: str = "",
    now: datetime | None = None,
) -> MessageEvent:
    """Record that someone fetched the pixel or a link; the first by a person counts.

    What a machine fetched is kept, and shown apart. A click also counts as an open:
    mail programs that load no pictures still show who read.
    """
    now = now or timezone.now()
    since = (now - message.sent_at).total_seconds() if message.sent_at else None
    agent, reasons = rules.agent_class(method=method, headers=headers, seconds_since_sent=since)
    event = MessageEvent.objects.create(
        agency_id=message.agency_id,
        message=message,
        kind=kind,
        at=now,
        url=url,
        agent=agent,
        evidence={"user_agent": headers.get("User-Agent", "")[:300], "why": reasons},
    )
    if agent != AgentClass.MACHINE:
        _count_first(message, kind, event, now)
    return event


def _count_first(message: Message, kind: EventKind, event: MessageEvent, now: datetime) -> None:
    kinds = [kind] if kind == EventKind.OPENED else [EventKind.OPENED, kind]
    for one in kinds:
        column = _FIRST[one]
        first = Message.objects.filter(pk=message.pk, **{column: None})
        if first.update(**{column: now}):
            setattr(message, column, now)
            _SIGNAL[one].send(sender=Message, message=message, event=event)
