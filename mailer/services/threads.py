"""Working a thread: done, snoozed, assigned, and what its answers really said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.roles import includes
from compliance.enums import SuppressionReason
from compliance.models import Suppression
from compliance.services import unsuppress
from foundation.choices import check_move
from mailer.enums import THREAD_MOVES, InboundKind, Intent, IntentSource, ThreadStatus
from mailer.models import InboundMessage, Thread
from mailer.services.effects import (
    mark_replied,
    mark_unsubscribed,
    refuse,
    refused_addresses,
    source_of,
)
from mailer.signals import reply_corrected

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Membership, User

_PROGRAMS = frozenset({InboundKind.AUTO_REPLY, InboundKind.OUT_OF_OFFICE})
_REASONS: dict[str, str] = {
    Intent.NOT_INTERESTED: SuppressionReason.NOT_INTERESTED,
    Intent.UNSUBSCRIBE: SuppressionReason.UNSUBSCRIBED,
}
# What a person may say an answer is.
CORRECTIONS = (*Intent.choices, *[(kind.value, kind.label) for kind in sorted(_PROGRAMS)])


def move_thread(thread: Thread, to: ThreadStatus, **columns: Any) -> None:
    """Set where a thread stands; raises `MoveError` for what makes no sense."""
    check_move("conversation", THREAD_MOVES, thread.status, to)
    changes = {"snoozed_until": None, **columns, "status": to}
    Thread.objects.filter(pk=thread.pk).update(**changes)
    for name, value in changes.items():
        setattr(thread, name, value)


def finish(thread: Thread) -> None:
    """Mark a thread done: nothing is waited for."""
    move_thread(thread, ThreadStatus.DONE, is_unread=False)


def reopen(thread: Thread) -> None:
    """Put a thread back among those that wait for us."""
    move_thread(thread, ThreadStatus.OPEN)


def snooze(thread: Thread, *, until: datetime) -> None:
    """Put a thread aside until a moment to come."""
    move_thread(thread, ThreadStatus.SNOOZED, snoozed_until=until, is_unread=False)


def wake_snoozed(*, now: datetime | None = None) -> int:
    """Open the threads whose time has come; returns how many."""
    due = Thread.objects.filter(
        status=ThreadStatus.SNOOZED, snoozed_until__lte=now or timezone.now()
    )
    return due.update(status=ThreadStatus.OPEN, snoozed_until=None, is_unread=True)


def assign(thread: Thread, user: User | None) -> None:
    """Give a thread to a member, or to nobody."""
    Thread.objects.filter(pk=thread.pk).update(assignee=user)
    thread.assignee = user


def set_unread(thread: Thread, *, unread: bool) -> None:
    """Note that somebody has, or has not, read the thread."""
    if thread.is_unread != unread:
        Thread.objects.filter(pk=thread.pk).update(is_unread=unread)
        thread.is_unread = unread


@dataclass(frozen=True)
class Correction:
    """What a correction did, in a sentence; `tone` says whether something stays undone."""

    text: str
    tone: str = "ok"


@transaction.atomic
def correct(
    inbound: InboundMessage, value: str, *, membership: Membership, now: datetime | None = None
) -> Correction:
    """Let a person say what an answer is, and do what follows from that.

    Args:
        inbound: the answer.
        value: an intent, or a kind of program's answer.
        membership: who says so; only a manager lifts a suppression by it.
        now: the time.
    """
    now = now or timezone.now()
    before = _value_of(inbound)
    if value == before:
        return Correction("Nothing changed.", "")
    was_person = inbound.kind == InboundKind.REPLY
    _relabel(inbound, value)
    done = [f"Marked as {dict(CORRECTIONS)[value].lower()}.", *_undo(inbound, before, membership)]
    if value == Intent.UNSUBSCRIBE:
        mark_unsubscribed(inbound, now, actor=membership.user)
        done.append(f"{_people(inbound)} will not be written to again.")
    elif value == Intent.NOT_INTERESTED:
        refuse(inbound, SuppressionReason.NOT_INTERESTED, actor=membership.user)
        done.append(f"{_people(inbound)} will not be written to again.")
    if inbound.kind == InboundKind.REPLY and not was_person:
        mark_replied(inbound, now)
        done.append("The sequence stops, as after any reply.")
    reply_corrected.send(sender=InboundMessage, inbound=inbound)
    left = any("stays" in sentence or "stay " in sentence for sentence in done)
    return Correction(" ".join(done), "warn" if left else "ok")


def _value_of(inbound: InboundMessage) -> str:
    return inbound.kind if inbound.kind in _PROGRAMS else inbound.intent


def _relabel(inbound: InboundMessage, value: str) -> None:
    """Set kind and intent; the thread shows what its newest answer is."""
    program = value in _PROGRAMS
    inbound.kind = InboundKind.REPLY
    if program:
        inbound.kind = InboundKind(value)
    elif value == Intent.UNSUBSCRIBE:
        inbound.kind = InboundKind.UNSUBSCRIBE
    inbound.intent = "" if program else value
    inbound.intent_source = IntentSource.PERSON
    inbound.save(update_fields=["kind", "intent", "intent_source"])
    newest = InboundMessage.objects.filter(thread=inbound.thread_id).order_by("-received_at", "-id")
    if inbound.thread_id and newest.values_list("pk", flat=True).first() == inbound.pk:
        Thread.objects.filter(pk=inbound.thread_id).update(intent=value)


def _undo(inbound: InboundMessage, before: str, membership: Membership) -> list[str]:
    """Take back what the earlier label did, as far as that may be, and say what stays."""
    ids = _suppressions(inbound, before)
    if not ids:
        return []
    people = _people(inbound)
    if before == Intent.UNSUBSCRIBE:
        return [f"The suppression of {people} stays; a manager may lift it under Suppressions."]
    if not includes(membership.role, Role.MANAGER):
        return [f"The suppression of {people} stays until a manager lifts it."]
    reason = f"The answer was not a refusal after all: {source_of(inbound)}"
    unsuppress(agency=inbound.agency, ids=ids, reason=reason, actor=membership.user)
    lifted = f"The suppression of {people} was lifted"
    return [f"{lifted}; e-mails it cancelled and sequences it stopped stay so."]


def _suppressions(inbound: InboundMessage, before: str) -> list[int]:
    """Return the suppressions the earlier label made."""
    reason = _REASONS.get(before)
    rows = Suppression.objects.for_agency(inbound.agency).filter(
        value__in=refused_addresses(inbound), reason=reason
    )
    return list(rows.values_list("pk", flat=True)) if reason else []


def _people(inbound: InboundMessage) -> str:
    return " and ".join(sorted(refused_addresses(inbound)))
