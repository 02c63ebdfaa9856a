"""What the inbox shows: the threads of a view, and one thread from first mail to last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.enums import Role
from accounts.models import Membership
from mailer.enums import InboundKind, Intent, MessageKind, MessageStatus, ThreadStatus
from mailer.models import Alias, InboundMessage, Message, Thread

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.models import Agency, User

ORDER = ("-last_inbound_at", "-id")
PAGE = 30
VIEWS = (("open", "Open"), ("mine", "Mine"), ("snoozed", "Snoozed"), ("done", "Done"))
# More parts than this are cut off at the beginning.
PARTS = 200
_REPORTS = frozenset({InboundKind.BOUNCE, InboundKind.COMPLAINT})
_TAGS = {member.value: member for member in (*InboundKind, *Intent)}


def threads_of_view(
    agency: Agency, user: User, params: Mapping[str, str], *, now: datetime
) -> QuerySet[Thread]:
    """Return the threads an inbox URL asks for: view, mailbox, intent, q."""
    rows = Thread.objects.for_agency(agency).filter(last_inbound_at__isnull=False)
    rows = rows.filter(_in_view(params.get("view", "open"), user, now))
    mailbox, intent = params.get("mailbox", ""), params.get("intent", "")
    if mailbox.isdigit():
        rows = rows.filter(mailbox=int(mailbox))
    if intent in _TAGS:
        rows = rows.filter(intent=intent)
    words = params.get("q", "").strip()[:200]
    if words:
        found = Q(counterpart__icontains=words) | Q(counterpart_name__icontains=words)
        rows = rows.filter(found | Q(subject__icontains=words))
    return rows


def _in_view(view: str, user: User, now: datetime) -> Q:
    """A snoozed thread whose time has come counts as open at once."""
    asleep = Q(status=ThreadStatus.SNOOZED, snoozed_until__gt=now)
    if view == "snoozed":
        return asleep
    if view == "done":
        return Q(status=ThreadStatus.DONE)
    waiting = ~Q(status=ThreadStatus.DONE) & ~asleep
    return waiting & Q(assignee=user) if view == "mine" else waiting


def tag_of(value: str) -> tuple[str, str]:
    """Return label and tone of a thread's tag."""
    member = _TAGS.get(value)
    return (str(member.label), member.tone) if member else ("", "")


@dataclass(frozen=True)
class Part:
    """One mail of a thread: ours (`message`) or theirs (`inbound`)."""

    at: datetime
    message: Message | None = None
    inbound: InboundMessage | None = None

    @property
    def quoted(self) -> bool:
        """Whether the mail holds more than its new text."""
        mail = self.inbound
        return bool(mail and len(mail.text.split()) > len(mail.new_text.split()))

    @property
    def on_its_way(self) -> bool:
        """Whether it waits or is being sent."""
        waiting = {MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.HANDING_OVER}
        return bool(self.message and self.message.status in waiting)

    def leaves_before(self, moment: datetime) -> bool:
        """Whether it is being sent, or will be before a moment."""
        mail = self.message
        return bool(mail and self.on_its_way and mail.next_attempt_at <= moment)

    @property
    def can_take_back(self) -> bool:
        """Whether an answer of ours may still be stopped."""
        mail = self.message
        waiting = {MessageStatus.QUEUED, MessageStatus.CLAIMED}
        return bool(mail and mail.kind == MessageKind.REPLY and mail.status in waiting)

    @property
    def correction(self) -> str:
        """What the mail is taken for, as the choice of corrections names it."""
        mail = self.inbound
        return (mail.intent or mail.kind) if mail else ""


def parts_of(thread: Thread) -> list[Part]:
    """Return a thread's mails, oldest first, in two queries."""
    sent = thread.messages.select_related("mailbox", "sender_user")
    ours = [
        Part(at=message.sent_at or message.due_at, message=message)
        for message in sent.order_by("-created_at", "-id")[:PARTS]
        if message.status != MessageStatus.CANCELLED or message.sent_at
    ]
    heard = thread.inbound.select_related("original").order_by("-received_at", "-id")
    theirs = [Part(at=inbound.received_at, inbound=inbound) for inbound in heard[:PARTS]]
    return sorted([*ours, *theirs], key=lambda part: (part.at, part.inbound is not None))


def reply_address(thread: Thread, parts: list[Part]) -> str:
    """Return whom a reply goes to: who wrote last, programs of mail servers aside."""
    heard = [part.inbound for part in parts if part.inbound]
    people = [mail.from_address for mail in heard if mail.kind not in _REPORTS]
    return next((address for address in reversed(people) if address), thread.counterpart)


def aliases_of(agency: Agency, address: str) -> list[Alias]:
    """Return the other addresses a thread's person answers from."""
    rows = Alias.objects.for_agency(agency).filter(address=address, is_rejected=False)
    return list(rows.order_by("pk")[:20])


def colleagues(agency: Agency) -> list[User]:
    """Return the members a thread may be given to."""
    rows = Membership.objects.filter(agency=agency).exclude(role=Role.CLIENT)
    return [row.user for row in rows.select_related("user").order_by("user__name", "user__email")]
