"""Asks the policy about messages: gathers what only the mailer knows, a batch at a time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from compliance.enums import Stage
from compliance.policy import Decision, LastContact, SendRequest
from compliance.services import authorise
from compliance.windows import Window
from mailer.enums import MailboxStatus
from mailer.models import Message
from mailer.selectors import PriorContact, cap_today, prior_contacts


def ask_policy(
    messages: Sequence[Message], *, stage: Stage, now: datetime, reserve: bool = False
) -> list[Decision]:
    """Return the policy's decision on each message, in the same order.

    The messages need `mailbox` and `agency` loaded; they may be unsaved.
    """
    positions: dict[int, list[int]] = defaultdict(list)
    for position, message in enumerate(messages):
        positions[message.agency_id].append(position)
    decisions: dict[int, Decision] = {}
    for places in positions.values():
        batch = [messages[place] for place in places]
        found = _ask_agency(batch, stage=stage, now=now, reserve=reserve)
        decisions.update(zip(places, found, strict=True))
    return [decisions[place] for place in range(len(messages))]


def _ask_agency(
    batch: list[Message], *, stage: Stage, now: datetime, reserve: bool
) -> list[Decision]:
    agency = batch[0].agency
    contacts = prior_contacts(agency, {message.to_address for message in batch})
    local = now.astimezone(agency.zone)
    requests = [_request(message, contacts.get(message.to_address), local) for message in batch]
    return authorise(agency, requests, stage=stage, reserve=reserve, now=now)


def _request(message: Message, contact: PriorContact | None, local: datetime) -> SendRequest:
    mailbox = message.mailbox
    return SendRequest(
        reference=message.idempotency_key,
        mailbox_id=mailbox.pk,
        sender=mailbox.address,
        user_id=message.sender_user_id,
        recipient=message.to_address,
        recipient_name=message.to_name,
        country=message.country,
        subject=message.subject,
        body_head=message.text,
        kind=message.kind,
        campaign_key=message.campaign_key,
        campaign_daily_cap=message.campaign_daily_cap,
        sequence_key=message.sequence_key,
        with_unsubscribe=message.with_unsubscribe,
        unresolved=tuple(message.unresolved),
        publisher_rule=message.publisher_rule,
        cooldown_override=message.cooldown_override,
        window=Window.from_json(message.window) if message.window else None,
        mailbox_daily_cap=cap_today(mailbox, local),
        mailbox_hourly_cap=mailbox.hourly_cap,
        mailbox_problem=_problem(message),
        last_contact=_last(contact),
        due_at=message.due_at,
        follows_up=_follows_up(message, contact),
    )


def _follows_up(message: Message, contact: PriorContact | None) -> bool:
    if message.in_reply_to:
        return True
    return bool(contact and message.sequence_key and contact.sequence_key == message.sequence_key)


def _last(contact: PriorContact | None) -> LastContact | None:
    if contact is None:
        return None
    return LastContact(at=contact.sent_at, sequence_key=contact.sequence_key, who=contact.who)


def _problem(message: Message) -> str:
    """A paused or failing mailbox only waits; an archived one never sends again."""
    if message.mailbox.status == MailboxStatus.ARCHIVED:
        return f"The mailbox {message.mailbox.address} is archived."
    return ""
