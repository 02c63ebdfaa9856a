"""Turns a draft into an unsaved message: checked headers, threading, links, Message-ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from foundation.addresses import address_domain, normalise_address, registrable_domain
from mailer.headers import HeaderError, check_header, wire_address
from mailer.links import find_links
from mailer.models import Message, Thread

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.services.outbox import MessageDraft

_REFERENCES = 20
_COPIED = (
    "kind",
    "to_name",
    "country",
    "subject",
    "text",
    "html",
    "idempotency_key",
    "sequence_key",
    "campaign_key",
    "campaign_daily_cap",
    "track_opens",
    "track_clicks",
    "with_unsubscribe",
    "cooldown_override",
    "publisher_rule",
)


def message_id_of(*, agency_id: int, idempotency_key: str, address: str) -> str:
    """Return the Message-ID (with angle brackets) that this key always gives."""
    digest = salted_hmac(
        "mailer.message_id", f"{agency_id}:{idempotency_key}", algorithm="sha256"
    ).hexdigest()
    return f"<{digest[:40]}@{address_domain(wire_address(address))}>"


def build_message(draft: MessageDraft, *, now: datetime) -> Message:
    """Return the unsaved message of a draft; raise `HeaderError` for what cannot be mailed."""
    address = _checked(draft)
    due = draft.due_at or now
    message = Message(
        agency=draft.agency,
        mailbox=draft.mailbox,
        sender_user=draft.sender_user,
        to_address=address,
        recipient_domain=registrable_domain(address) or address_domain(address),
        message_id=message_id_of(
            agency_id=draft.agency.pk,
            idempotency_key=draft.idempotency_key,
            address=draft.mailbox.address,
        ),
        due_at=due,
        next_attempt_at=due,
        window=draft.window.to_json() if draft.window else None,
        unresolved=list(draft.unresolved),
        links=find_links(draft.html) if draft.track_clicks else [],
        created_at=now,
        **{name: getattr(draft, name) for name in _COPIED},
    )
    _thread(message, draft)
    return message


def _checked(draft: MessageDraft) -> str:
    """Return the normalised recipient once every header source was found harmless."""
    mailbox = draft.mailbox
    for field, value in (
        ("subject", draft.subject),
        ("recipient's name", draft.to_name),
        ("mailbox's display name", mailbox.display_name),
        ("agency's sender name", draft.agency.sender_name or draft.agency.name),
        ("Reply-To address", mailbox.reply_to),
        ("key", draft.idempotency_key),
    ):
        check_header(field, value)
    if "\x00" in draft.text or "\x00" in draft.html:
        raise HeaderError("The text contains a NUL character; take it out.")
    wire_address(mailbox.address)
    check_header("recipient's address", draft.to_address.strip())
    try:
        return normalise_address(draft.to_address)
    except ValidationError:
        # Not an address: the policy says so in its own words and blocks it.
        return draft.to_address.strip().lower()[:320]


def _thread(message: Message, draft: MessageDraft) -> None:
    """Answer a message in its thread, or start a new one."""
    answered = draft.answers
    thread = draft.thread or (answered.thread if answered else None)
    if answered is not None:
        message.in_reply_to = answered.message_id[:255]
        ids = f"{answered.references} {answered.message_id}".split()
        message.references = " ".join(dict.fromkeys(ids[:1] + ids[1:][-_REFERENCES:]))
    message.thread = thread or Thread(
        agency=draft.agency,
        mailbox=draft.mailbox,
        counterpart=message.to_address,
        counterpart_name=draft.to_name,
        subject=draft.subject[:500],
        context=draft.thread_context[:200],
    )
