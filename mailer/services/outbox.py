"""The outbox: messages are queued once, and may be stopped until they are handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Agency, User
from compliance.enums import Outcome, Stage
from compliance.policy import Decision
from compliance.services import release
from compliance.windows import Window
from foundation.addresses import registrable_domain
from foundation.wake import wake
from mailer.enums import MessageKind, MessageStatus
from mailer.models import InboundMessage, Mailbox, Message, Thread
from mailer.services.asking import ask_policy
from mailer.services.drafting import build_message
from mailer.services.moves import UNCLAIMED, move_messages
from mailer.signals import message_blocked, message_cancelled, message_recalled


@dataclass(kw_only=True)
class MessageDraft:
    """An e-mail someone wants sent; fields are named as Message's."""

    agency: Agency
    mailbox: Mailbox
    to_address: str
    subject: str
    text: str
    idempotency_key: str
    kind: str = MessageKind.CAMPAIGN
    to_name: str = ""
    country: str = ""
    html: str = ""
    due_at: datetime | None = None
    thread: Thread | None = None
    answers: Message | InboundMessage | None = None
    sender_user: User | None = None
    sequence_key: str = ""
    campaign_key: str = ""
    campaign_daily_cap: int | None = None
    window: Window | None = None
    track_opens: bool = True
    track_clicks: bool = True
    with_unsubscribe: bool = True
    cooldown_override: bool = False
    publisher_rule: str = ""
    unresolved: Sequence[str] = ()
    thread_context: str = ""


def queue_messages(drafts: Sequence[MessageDraft], *, now: datetime | None = None) -> list[Message]:
    """Queue each draft once and return its message, in the same order.

    A draft whose (agency, idempotency_key) is known gives the message it gave before.
    What the policy refuses is stored as blocked and announced; what it defers waits.
    Raises `HeaderError` before anything is stored when a value could break out of its
    header.
    """
    now = now or timezone.now()
    built = {_key(draft): build_message(draft, now=now) for draft in drafts}
    with transaction.atomic():
        known = _stored(drafts)
        fresh = [message for key, message in built.items() if key not in known]
        if fresh:
            decisions = ask_policy(fresh, stage=Stage.QUEUED, now=now)
            _store(fresh, decisions)
            known = _stored(drafts)
            _announce_blocked(fresh, decisions, known)
            wake_sender()
    return [known[_key(draft)] for draft in drafts]


def _key(draft: MessageDraft) -> tuple[int, str]:
    return draft.agency.pk, draft.idempotency_key


def _stored(drafts: Sequence[MessageDraft]) -> dict[tuple[int, str], Message]:
    rows = Message.objects.filter(
        agency__in={draft.agency.pk for draft in drafts},
        idempotency_key__in={draft.idempotency_key for draft in drafts},
    ).select_related("mailbox", "agency", "thread")
    return {(row.agency_id, row.idempotency_key): row for row in rows}


def _store(messages: list[Message], decisions: list[Decision]) -> None:
    """Insert what another worker has not inserted meanwhile, with its threads."""
    for message, decision in zip(messages, decisions, strict=True):
        _apply(message, decision)
    new_threads = [message.thread for message in messages if message.thread]
    new_threads = [thread for thread in new_threads if thread._state.adding]
    Thread.objects.bulk_create(new_threads)
    for message in messages:
        message.thread = message.thread  # takes over the thread's new key
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    Thread.objects.filter(
        pk__in=[thread.pk for thread in new_threads], messages__isnull=True
    ).delete()


def _apply(message: Message, decision: Decision) -> None:
    message.decision_id = decision.decision_id
    if decision.outcome == Outcome.BLOCKED:
        message.status = MessageStatus.BLOCKED
        message.last_error = " ".join(decision.sentences)[:1000]
    elif decision.outcome == Outcome.DEFERRED and decision.until:
        message.next_attempt_at = max(message.due_at, decision.until)
        message.wait_reason = " ".join(decision.sentences)[:500]


def _announce_blocked(
    fresh: list[Message], decisions: list[Decision], known: dict[tuple[int, str], Message]
) -> None:
    for message, decision in zip(fresh, decisions, strict=True):
        stored = known[message.agency_id, message.idempotency_key]
        if stored.status == MessageStatus.BLOCKED and stored.decision_id == message.decision_id:
            message_blocked.send(sender=Message, message=stored, decision=decision)


def wake_sender() -> None:
    """Ask a worker to look at the outbox once this transaction has committed."""
    # By name: services may not import the tasks above them.
    wake(current_app.signature("mailer.send_due"))


def cancel_messages(
    *,
    agency: Agency | None,
    reason: str,
    sequence_keys: Sequence[str] | None = None,
    addresses: Sequence[str] | None = None,
    domains: Sequence[str] | None = None,
    campaign_key: str | None = None,
    message_ids: Sequence[int] | None = None,
    kind: str | None = None,
) -> int:
    """Cancel what was not handed over yet and fits every criterion given.

    Addresses and domains are alternatives of one criterion. No criterion cancels
    nothing; no agency means every agency (a suppression of the whole platform).
    """
    where = _fits(sequence_keys, addresses, domains, campaign_key, message_ids)
    if where is None:
        return 0
    rows = Message.objects.for_agency(agency) if agency else Message.objects.all()
    rows = rows.filter(where, **({"kind": kind} if kind else {}))
    with transaction.atomic():
        moved = stop_messages(rows, to=MessageStatus.CANCELLED, last_error=reason[:1000])
        # Past the point of no return it cannot be stopped, only kept from a second try.
        rows.filter(status=MessageStatus.HANDING_OVER).update(recalled=reason[:1000])
    return moved


def cancel_recalled(rows: QuerySet[Message]) -> int:
    """Cancel those of `rows` that were stopped while they were handed over and came back.

    Call it in the transaction that put them back into the queue. Fires `message_recalled`.
    """
    back = rows.filter(status=MessageStatus.QUEUED).exclude(recalled="")
    pks = list(back.values_list("pk", flat=True))
    if not pks:
        return 0
    found = Message.objects.filter(pk__in=pks)
    moved = stop_messages(found, to=MessageStatus.CANCELLED, last_error=F("recalled"))
    for message in found.filter(status=MessageStatus.CANCELLED).select_related("agency"):
        message_recalled.send(sender=Message, message=message)
    return moved


@transaction.atomic
def cancel_by_hand(message: Message, *, actor: User) -> bool:
    """Cancel one message because a person says so; False when it is too late."""
    reason = f"Cancelled by {actor}."
    done = bool(cancel_messages(agency=message.agency, reason=reason, message_ids=[message.pk]))
    if done:
        message.refresh_from_db()
        message_cancelled.send(sender=Message, message=message)
    return done


def _fits(
    sequence_keys: Sequence[str] | None,
    addresses: Sequence[str] | None,
    domains: Sequence[str] | None,
    campaign_key: str | None,
    message_ids: Sequence[int] | None,
) -> Q | None:
    criteria: dict[str, Any] = {
        "sequence_key__in": sequence_keys,
        "campaign_key": campaign_key,
        "pk__in": message_ids,
    }
    given = {name: value for name, value in criteria.items() if value is not None}
    people = Q()
    if addresses is not None:
        people |= Q(to_address__in=addresses)
    if domains is not None:
        people |= _at_domains(domains)
    if not given and not people:
        return None
    return Q(**given) & people


def _at_domains(domains: Sequence[str]) -> Q:
    """Addresses at these domains or below them, as a domain's suppression covers them."""
    whole = [domain for domain in domains if registrable_domain(domain) in {domain, ""}]
    fits = Q(recipient_domain__in=whole)
    for domain in set(domains) - set(whole):
        below = Q(to_address__endswith=f"@{domain}") | Q(to_address__endswith=f".{domain}")
        fits |= Q(recipient_domain=registrable_domain(domain)) & below
    return fits


@transaction.atomic
def stop_messages(rows: QuerySet[Message], *, to: MessageStatus, **columns: object) -> int:
    """Move what was not handed over yet, taking it from its worker, and free its slots.

    One UPDATE for waiting and claimed alike, so that nothing slips from one to the
    other in between. A worker whose claim is gone does not send.
    """
    old = [MessageStatus.QUEUED, MessageStatus.CLAIMED]
    if to == MessageStatus.CANCELLED:
        old.append(MessageStatus.DRAFT)
    moved = move_messages(rows, old=old, to=to, wait_reason="", **UNCLAIMED, **columns)
    if moved:
        return_slots(rows.filter(status=to))
    return moved


def return_slots(rows: QuerySet[Message]) -> None:
    """Give back the cap slots of messages that will not use them."""
    found = dict(rows.exclude(reservations=[]).values_list("pk", "reservations"))
    if found:
        Message.objects.filter(pk__in=found).update(reservations=[])
        release([slot for slots in found.values() for slot in slots])


def hold_messages(*, agency: Agency, campaign_key: str) -> int:
    """Keep a paused campaign's messages back; returns how many.

    One being handed over just now is marked too: it stays here if the server puts it off.
    """
    rows = Message.objects.for_agency(agency).filter(campaign_key=campaign_key)
    rows.filter(status=MessageStatus.HANDING_OVER).update(held=True)
    return stop_messages(rows, to=MessageStatus.QUEUED, held=True)


def release_messages(*, agency: Agency, campaign_key: str) -> int:
    """Let a resumed campaign's messages go again; returns how many."""
    rows = Message.objects.for_agency(agency).filter(campaign_key=campaign_key, held=True)
    rows.filter(status=MessageStatus.HANDING_OVER).update(held=False)
    freed = rows.filter(status=MessageStatus.QUEUED).update(held=False)
    if freed:
        wake_sender()
    return freed
