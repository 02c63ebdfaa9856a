"""A member's answer in a thread: queued like any other message, after a moment to undo."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.html import linebreaks, urlize

from foundation.wake import wake
from mailer.enums import InboundKind, MessageKind
from mailer.services.outbox import MessageDraft, cancel_messages, queue_messages
from mailer.services.threads import set_unread

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User
    from mailer.models import InboundMessage, Message, Thread

# How long a sent answer can still be taken back.
UNDO = timedelta(seconds=10)


@transaction.atomic
def send_reply(
    *, thread: Thread, text: str, user: User, key: str, now: datetime | None = None
) -> Message:
    """Queue an answer to the newest mail of a thread.

    Args:
        thread: the conversation; its mailbox sends.
        text: the answer's words.
        user: who writes it.
        key: names this answer once: sent twice it is queued once.
        now: the time.
    """
    now = now or timezone.now()
    heard = newest_answer(thread)
    written = thread.messages.order_by("-created_at", "-id").first()
    draft = MessageDraft(
        agency=thread.agency,
        mailbox=thread.mailbox,
        kind=MessageKind.REPLY,
        thread=thread,
        answers=heard or written,
        to_address=(heard and heard.from_address) or thread.counterpart,
        to_name=thread.counterpart_name,
        country=written.country if written else "",
        subject=answered_subject((heard and heard.subject) or thread.subject),
        text=text,
        html=linebreaks(urlize(text, autoescape=True)),
        idempotency_key=f"reply-{thread.pk}-{key}"[:120],
        due_at=now + UNDO,
        sender_user=user,
        track_opens=False,
        track_clicks=False,
        with_unsubscribe=False,
    )
    message = queue_messages([draft], now=now)[0]
    set_unread(thread, unread=False)
    later = UNDO.total_seconds() + 1
    wake(current_app.signature("mailer.send_due", countdown=later))
    return message


def take_back(message: Message) -> bool:
    """Cancel an answer that was not handed over yet; False when it is too late."""
    return bool(
        cancel_messages(
            agency=message.agency,
            reason="Taken back before it was sent.",
            message_ids=[message.pk],
            kind=MessageKind.REPLY,
        )
    )


def newest_answer(thread: Thread) -> InboundMessage | None:
    """Return the mail a reply answers."""
    rows = thread.inbound.exclude(kind__in=[InboundKind.BOUNCE, InboundKind.COMPLAINT])
    return rows.order_by("-received_at", "-id").first()


def answered_subject(subject: str) -> str:
    """Return the subject of an answer."""
    one_line = " ".join(subject.split())[:480]
    return one_line if one_line.lower().startswith(("re:", "aw:", "sv:")) else f"Re: {one_line}"
