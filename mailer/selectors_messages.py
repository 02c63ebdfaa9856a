"""What the pages about messages show: the list, and one message's story in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from foundation.addresses import address_domain
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Message
from mailer.rules import LOOK_FOR_SENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.models import Agency

MESSAGE_ORDER = ("-created_at", "-id")


def filtered_messages(agency: Agency, params: Mapping[str, str]) -> QuerySet[Message]:
    """Return the messages a list URL asks for: status, mailbox, campaign, q.

    `q` finds an address, a domain, or the beginning of either; each of them by index.
    """
    rows = Message.objects.for_agency(agency).select_related("mailbox")
    status, mailbox = params.get("status", ""), params.get("mailbox", "")
    if status in MessageStatus.values:
        rows = rows.filter(status=status)
    if mailbox.isdigit():
        rows = rows.filter(mailbox=int(mailbox))
    if params.get("campaign"):
        rows = rows.filter(campaign_key=params["campaign"])
    words = params.get("q", "").strip().lower()
    if words:
        domain = address_domain(words)
        rows = rows.filter(
            Q(to_address__gte=words, to_address__lt=f"{words}\uffff") | Q(recipient_domain=domain)
        )
    return rows


@dataclass(frozen=True)
class Story:
    """Where a message stands and why, in a sentence or two."""

    tone: str
    text: str
    at: datetime | None = None


def story_of(message: Message, *, now: datetime) -> Story:
    """Return the message's status in words; it needs `mailbox` loaded."""
    if message.status == MessageStatus.QUEUED:
        return _waiting(message, now)
    zone = message.agency.zone
    when = f"{message.sent_at.astimezone(zone):%-d %B %Y, %H:%M}" if message.sent_at else ""
    texts = {
        MessageStatus.DRAFT: ("", "A draft; nothing was queued yet."),
        MessageStatus.CLAIMED: ("info", "A worker has it in hand and is about to send it."),
        MessageStatus.HANDING_OVER: ("info", "Being handed over to the server right now."),
        MessageStatus.SENT: ("ok", f"Sent on {when}. The server said “{message.smtp_reply}”."),
        MessageStatus.UNCERTAIN: ("warn", _uncertain(message, now)),
        MessageStatus.FAILED: ("bad", f"Not sent. {message.last_error}"),
        MessageStatus.BLOCKED: ("bad", f"Not sent: the policy said no. {message.last_error}"),
        MessageStatus.CANCELLED: ("", f"Cancelled before it was sent. {message.last_error}"),
    }
    tone, text = texts[MessageStatus(message.status)]
    return Story(tone, text.strip())


def _uncertain(message: Message, now: datetime) -> str:
    """Say what is known of it, what is being done, and what will never be."""
    mailbox, zone = message.mailbox, message.agency.zone
    at = message.claimed_at
    when = f" on {at.astimezone(zone):%-d %B %Y, %H:%M}" if at else ""
    words = f"It was handed over{when}, and nobody knows whether the server took it."
    words += f" {message.last_error}".rstrip()
    until = at + LOOK_FOR_SENT if at else now
    if not mailbox.imap_host:
        words += f" {mailbox.address} has no IMAP, so its Sent folder cannot be looked into."
    elif now < until:
        day = f"{until.astimezone(zone):%-d %B, %H:%M}"
        words += f" We look for it in the mailbox’s Sent folder every ten minutes until {day}."
    else:
        words += " It was not found in the mailbox’s Sent folder, which proves nothing."
    return f"{words} A reply or a bounce would settle it. It is never sent again by itself."


def _waiting(message: Message, now: datetime) -> Story:
    mailbox = message.mailbox
    if message.held:
        return Story("warn", "It waits because its campaign is paused.")
    if mailbox.status == MailboxStatus.ACTIVE:
        return _due(message, now)
    label = mailbox.get_status_display().lower()
    text = f"It waits because {mailbox.address} is {label}. {mailbox.status_reason}"
    return Story("warn", text.strip(), mailbox.retry_at)


def _due(message: Message, now: datetime) -> Story:
    mailbox = message.mailbox
    due = max(message.next_attempt_at, mailbox.next_send_at or message.next_attempt_at)
    if due <= now:
        return Story("info", "It goes with the next pass of the mailbox, within a minute.")
    reason = message.wait_reason or "It is planned for later."
    if due > message.next_attempt_at:
        reason = f"{mailbox.address} keeps a gap between two e-mails, or has used its cap."
    return Story("info", reason, due)
