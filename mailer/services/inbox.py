"""Takes in one incoming e-mail: read, matched, stored once, and acted upon."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mailer.enums import InboundKind, Intent, MessageStatus, ThreadStatus
from mailer.models import InboundMessage, Mailbox, Thread
from mailer.reading import Reading, read_mail
from mailer.sanitising import sanitise
from mailer.services.aliases import remember_alias
from mailer.services.effects import apply_effects
from mailer.services.matching import Match, find_matches
from mailer.services.threads import move_thread
from mailer.services.uncertain import confirm_sent

if TYPE_CHECKING:
    from datetime import datetime

MAX_STORED = 100_000
# A person wrote these: they open the thread and wait for an answer.
_BY_PEOPLE = frozenset({InboundKind.REPLY, InboundKind.UNSUBSCRIBE})
# These are shown in the inbox; reports stay with the message they are about.
_SHOWN = _BY_PEOPLE | {InboundKind.AUTO_REPLY, InboundKind.OUT_OF_OFFICE}


def take_in(
    mailbox: Mailbox,
    raw: bytes,
    *,
    folder: str,
    uidvalidity: int,
    uid: int,
    now: datetime | None = None,
) -> InboundMessage | None:
    """Take in one mail of a mailbox; None when it is known, our own, or not our business.

    Args:
        mailbox: whose mail it is.
        raw: the mail's bytes.
        folder: where it lay.
        uidvalidity: the folder's UIDVALIDITY.
        uid: its UID there; with the two above it names the mail once.
        now: when it was read.
    """
    now = now or timezone.now()
    reading = read_mail(raw, today=now.date())
    where = {"folder": folder, "uidvalidity": uidvalidity, "uid": uid}
    return take_in_reading(mailbox, reading, raw=raw, where=where, now=now)


@transaction.atomic
def take_in_reading(
    mailbox: Mailbox,
    reading: Reading,
    *,
    raw: bytes,
    where: dict[str, Any],
    now: datetime,
    match: Match | None = None,
) -> InboundMessage | None:
    """Store a mail that was read already, and do what follows from it."""
    match = match or find_matches(mailbox, [reading])[0]
    if match.own:
        _note_copy(match, now)
    message_id = reading.message_id or f"<{hashlib.sha256(raw).hexdigest()}@no-message-id>"
    if not match.belongs or _is_known(mailbox, message_id, where):
        return None
    inbound = _store(mailbox, reading, match, {"message_id": message_id[:500], **where}, now)
    if inbound.kind in _SHOWN:
        _show(inbound, now)
    remember_alias(inbound)
    apply_effects(inbound, now=now)
    return inbound


def _is_known(mailbox: Mailbox, message_id: str, where: dict[str, Any]) -> bool:
    same = Q(message_id=message_id[:500]) | Q(**where)
    return InboundMessage.objects.filter(same, mailbox=mailbox).exists()


def _note_copy(match: Match, now: datetime) -> None:
    """A copy of our own that came back proves an uncertain message sent."""
    message = match.message
    if message is not None and message.status == MessageStatus.UNCERTAIN:
        confirm_sent([message], evidence="Its copy came back to the mailbox.", now=now)


def _store(
    mailbox: Mailbox,
    reading: Reading,
    match: Match,
    names: dict[str, Any],
    now: datetime,
) -> InboundMessage:
    return InboundMessage.objects.create(
        agency_id=mailbox.agency_id,
        mailbox=mailbox,
        **names,
        in_reply_to=" ".join(reading.in_reply_to)[:500],
        references=" ".join(reading.references)[:10_000],
        from_address=reading.from_address[:320],
        from_name=_clean(reading.from_name)[:200],
        subject=_clean(reading.subject)[:500],
        text=_clean(reading.text)[:MAX_STORED],
        new_text=_clean(reading.new_text)[:MAX_STORED],
        html=sanitise(_clean(reading.html)[: 4 * MAX_STORED]),
        kind=reading.kind,
        intent=reading.intent,
        intent_reasons=[_clean(reason) for reason in reading.reasons],
        return_date=reading.return_date,
        facts=_facts(reading),
        original=match.message,
        thread=match.thread or _new_thread(mailbox, reading),
        received_at=_received_at(reading, match, now),
    )


def _new_thread(mailbox: Mailbox, reading: Reading) -> Thread | None:
    """Open a thread for somebody known who answers none of our messages."""
    if reading.kind not in _SHOWN:
        return None
    return Thread.objects.create(
        agency_id=mailbox.agency_id,
        mailbox=mailbox,
        counterpart=reading.from_address[:320],
        counterpart_name=_clean(reading.from_name)[:200],
        subject=_clean(reading.subject)[:500],
    )


def _show(inbound: InboundMessage, now: datetime) -> None:
    """Bring the thread up to date; a person's answer opens it."""
    thread = inbound.thread
    if thread is None:
        return
    changes: dict[str, Any] = {
        "last_message_at": now,
        "last_inbound_at": now,
        "preview": " ".join(inbound.new_text.split())[:200],
        "intent": inbound.intent or inbound.kind,
    }
    left = inbound.kind == InboundKind.AUTO_REPLY and inbound.intent == Intent.WRONG_PERSON
    if (inbound.kind in _BY_PEOPLE and inbound.new_text) or left:
        move_thread(thread, ThreadStatus.OPEN, is_unread=True)
    if inbound.from_name:
        changes["counterpart_name"] = inbound.from_name
    Thread.objects.filter(pk=thread.pk).update(**changes)
    thread.refresh_from_db()


def _facts(reading: Reading) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if reading.bounced:
        facts["bounced"] = [
            {
                "address": one.address,
                "original": one.original,
                "permanent": one.permanent,
                "code": one.code,
                "words": _clean(one.words),
            }
            for one in reading.bounced[:20]
        ]
    if reading.complained:
        facts["complained"] = list(reading.complained[:20])
    if reading.price:
        facts["price"] = {"amount": str(reading.price.amount), "currency": reading.price.currency}
    if reading.right_address or reading.right_name:
        facts["right_person"] = {"address": reading.right_address, "name": reading.right_name}
    return facts


def _received_at(reading: Reading, match: Match, now: datetime) -> datetime:
    """Return when it was written: after what it answers, never later than now."""
    sent = parse_datetime(reading.sent_at) if reading.sent_at else None
    if sent is None:
        return now
    aware = sent if timezone.is_aware(sent) else timezone.make_aware(sent)
    asked = match.message.sent_at if match.message else None
    return min(max(aware, asked) if asked else aware, now)


def _clean(text: str) -> str:
    """Return text that every database can hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8", "replace")
