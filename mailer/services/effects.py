"""What follows from an incoming mail, in the transaction that stores it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from mailer.enums import EventKind, InboundKind, Intent, MessageStatus
from mailer.models import InboundMessage, Message, MessageEvent
from mailer.services.uncertain import confirm_sent
from mailer.signals import (
    complaint_received,
    message_bounced,
    out_of_office_received,
    recipient_unsubscribed,
    reply_received,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from accounts.models import User


def apply_effects(inbound: InboundMessage, *, now: datetime) -> None:
    """Mark the message answered, suppress who said no, and tell the other apps."""
    _settle_uncertain(inbound, now)
    effect = _EFFECTS.get(inbound.kind)
    if effect:
        effect(inbound, now)


def _settle_uncertain(inbound: InboundMessage, now: datetime) -> None:
    """What was answered, bounced or complained about was certainly sent."""
    message = inbound.original
    if message is not None and message.status == MessageStatus.UNCERTAIN:
        word = InboundKind(inbound.kind).label.lower()
        confirm_sent([message], evidence=f"Proved sent by the {word} it got.", now=now)
        message.refresh_from_db()


def mark_replied(inbound: InboundMessage, now: datetime) -> None:
    """A person answered: the sequence stops, and a refusal is kept for ever."""
    message = inbound.original
    if message is not None:
        _first(message, "replied_at", now)
        _event(inbound, EventKind.REPLIED, now, {"intent": inbound.intent})
    reply_received.send(sender=InboundMessage, inbound=inbound, message=message)
    if inbound.intent == Intent.NOT_INTERESTED:
        refuse(inbound, SuppressionReason.NOT_INTERESTED)


def mark_away(inbound: InboundMessage, now: datetime) -> None:
    """The recipient is away: the sequence waits."""
    day = inbound.return_date.isoformat() if inbound.return_date else ""
    _event(inbound, EventKind.OUT_OF_OFFICE, now, {"until": day})
    out_of_office_received.send(
        sender=InboundMessage,
        inbound=inbound,
        message=inbound.original,
        return_date=inbound.return_date,
    )


def _mark_left(inbound: InboundMessage, now: datetime) -> None:
    """A program says that the recipient has left: the sequence waits for a person."""
    if inbound.intent == Intent.WRONG_PERSON:
        mark_away(inbound, now)


def mark_unsubscribed(inbound: InboundMessage, now: datetime, actor: User | None = None) -> None:
    """They asked not to be written to: nobody of the agency will again."""
    refuse(inbound, SuppressionReason.UNSUBSCRIBED, actor=actor)
    message = inbound.original
    if message is not None and _first(message, "unsubscribed_at", now):
        _event(inbound, EventKind.UNSUBSCRIBED, now, {"how": "reply"})
    recipient_unsubscribed.send(
        sender=InboundMessage,
        agency=inbound.agency,
        address=_addressed(inbound),
        message=message,
        inbound=inbound,
    )


def _mark_bounced(inbound: InboundMessage, now: datetime) -> None:
    message = inbound.original
    if message is None:
        return
    hard = any(one["permanent"] for one in _about(inbound, message))
    words = "; ".join(one["words"][:200] for one in _about(inbound, message))
    if hard:
        _first(message, "bounced_at", now)
        refuse(inbound, SuppressionReason.BOUNCED)
    kind = EventKind.BOUNCED if hard else EventKind.SOFT_BOUNCED
    _event(inbound, kind, now, {"words": words})
    message_bounced.send(sender=InboundMessage, message=message, inbound=inbound, hard=hard)


def _about(inbound: InboundMessage, message: Message) -> list[dict[str, str]]:
    """Return what a report says of the message's recipient, or of the only one it names."""
    named: list[dict[str, str]] = inbound.facts.get("bounced", [])
    own = [one for one in named if message.to_address in {one["address"], one["original"]}]
    return own or (named if len(named) == 1 else [])


def _mark_complained(inbound: InboundMessage, now: datetime) -> None:
    message = inbound.original
    named: list[str] = inbound.facts.get("complained", [])
    addresses = {message.to_address} if message else set(named)
    _suppress(inbound, addresses, SuppressionReason.COMPLAINED)
    if message is not None and _first(message, "complained_at", now):
        _event(inbound, EventKind.COMPLAINED, now, {})
    for address in sorted(addresses):
        complaint_received.send(
            sender=InboundMessage,
            agency=inbound.agency,
            address=address,
            message=message,
            inbound=inbound,
        )


def refuse(inbound: InboundMessage, reason: str, *, actor: User | None = None) -> int:
    """Suppress whom the message was for, and whom the answer is from."""
    return _suppress(inbound, refused_addresses(inbound), reason, actor=actor)


def refused_addresses(inbound: InboundMessage) -> set[str]:
    """Return the addresses a refusal covers."""
    people = {_addressed(inbound)}
    if inbound.kind != InboundKind.BOUNCE:
        people.add(inbound.from_address)
    return people - {""}


def source_of(inbound: InboundMessage) -> str:
    """Return how a suppression names this mail as its source."""
    return f"{InboundKind(inbound.kind).label} “{inbound.subject}” (mail {inbound.pk})"[:200]


def _addressed(inbound: InboundMessage) -> str:
    """Return whom we had written to."""
    if inbound.original is not None:
        return inbound.original.to_address
    return inbound.thread.counterpart if inbound.thread else inbound.from_address


def _suppress(
    inbound: InboundMessage, addresses: set[str], reason: str, actor: User | None = None
) -> int:
    return suppress(
        agency=inbound.agency,
        kind=SuppressionKind.ADDRESS,
        values=sorted(addresses),
        reason=reason,
        source=source_of(inbound),
        actor=actor,
    )


def _first(message: Message, column: str, now: datetime) -> bool:
    """Set one of a message's firsts, if it is the first; return whether it was."""
    first = Message.objects.filter(pk=message.pk, **{column: None}).update(**{column: now})
    if first:
        setattr(message, column, now)
    return bool(first)


def _event(inbound: InboundMessage, kind: str, now: datetime, evidence: dict[str, str]) -> None:
    if inbound.original is not None:
        MessageEvent.objects.create(
            agency_id=inbound.agency_id,
            message=inbound.original,
            kind=kind,
            at=now,
            evidence={"inbound": inbound.pk, **evidence},
        )


_EFFECTS: dict[str, Callable[[InboundMessage, datetime], None]] = {
    InboundKind.REPLY: mark_replied,
    InboundKind.AUTO_REPLY: _mark_left,
    InboundKind.OUT_OF_OFFICE: mark_away,
    InboundKind.UNSUBSCRIBE: mark_unsubscribed,
    InboundKind.BOUNCE: _mark_bounced,
    InboundKind.COMPLAINT: _mark_complained,
}
