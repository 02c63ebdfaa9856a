"""Writes about mailboxes: made, changed, paused, failing, resumed, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from foundation.choices import check_move
from mailer import rules
from mailer.enums import MAILBOX_MOVES, MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.outbox import wake_sender

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from accounts.models import Agency, User
    from mailer.services.leases import Lease

# A bounce rate says nothing before this many e-mails.
BOUNCE_SAMPLE = 100
BOUNCE_FLOOR = 20


def move_mailbox(
    mailbox: Mailbox,
    to: MailboxStatus,
    *,
    reason: str = "",
    retry_at: datetime | None = None,
    now: datetime | None = None,
) -> bool:
    """Move a mailbox from the status it was read with; False when another was quicker."""
    check_move("mailbox", MAILBOX_MOVES, mailbox.status, to)
    changes: dict[str, object] = {
        "status": to,
        "status_reason": reason[:500],
        "status_at": now or timezone.now(),
        "retry_at": retry_at,
    }
    if to == MailboxStatus.ACTIVE:
        changes["failures"] = 0
    moved = Mailbox.objects.filter(pk=mailbox.pk, status=mailbox.status).update(**changes)
    if moved:
        mailbox.refresh_from_db()
    return bool(moved)


def pause_mailbox(mailbox: Mailbox, *, reason: str) -> bool:
    """Stop a mailbox until a person resumes it; what it has in hand is not handed over."""
    return move_mailbox(mailbox, MailboxStatus.PAUSED, reason=reason)


def resume_mailbox(mailbox: Mailbox) -> bool:
    """Let a mailbox send again; from the archive it comes back paused."""
    if mailbox.status == MailboxStatus.ARCHIVED:
        return move_mailbox(mailbox, MailboxStatus.PAUSED, reason="Brought back from the archive.")
    resumed = move_mailbox(mailbox, MailboxStatus.ACTIVE)
    if resumed:
        wake_sender()
    return resumed


def archive_mailbox(mailbox: Mailbox) -> bool:
    """Take a mailbox out of use, keeping its messages."""
    return move_mailbox(mailbox, MailboxStatus.ARCHIVED, reason="Archived.")


def fail_mailbox(lease: Lease, *, reason: str, wrong_password: bool, now: datetime) -> None:
    """Stop a mailbox whose server will not talk to it, with a plan to try again.

    Temporary trouble is tried again ever more rarely; a password refused three times
    pauses the mailbox until a person has looked at it.
    """
    rows = Mailbox.objects.filter(
        pk=lease.mailbox_id,
        fence=lease.fence,
        status__in=[MailboxStatus.ACTIVE, MailboxStatus.FAILING],
    )
    with transaction.atomic():
        if not rows.update(failures=F("failures") + 1):
            return
        failures = rows.values_list("failures", flat=True).get()
        wait = rules.mailbox_retry(failures, wrong_password=wrong_password)
        rows.update(
            status=MailboxStatus.FAILING if wait else MailboxStatus.PAUSED,
            status_reason=reason[:500],
            status_at=now,
            retry_at=now + wait if wait else None,
        )


def recover_mailbox(lease: Lease, *, now: datetime) -> None:
    """Note that a failing mailbox's server talks to it again."""
    Mailbox.objects.filter(
        pk=lease.mailbox_id, fence=lease.fence, status=MailboxStatus.FAILING
    ).update(
        status=MailboxStatus.ACTIVE, status_reason="", status_at=now, retry_at=None, failures=0
    )


def rest_mailbox(lease: Lease, *, until: datetime) -> None:
    """Let a mailbox rest: its cap is used up, or its server asked for time."""
    Mailbox.objects.filter(pk=lease.mailbox_id, fence=lease.fence).update(next_send_at=until)


def check_bounce_rate(mailbox_id: int) -> bool:
    """Pause a mailbox whose hard bounces passed its bound; return whether it did."""
    mailbox = Mailbox.objects.get(pk=mailbox_id)
    last = Message.objects.filter(
        mailbox=mailbox, status__in=[MessageStatus.SENT, MessageStatus.FAILED]
    ).order_by("-id")[:BOUNCE_SAMPLE]
    bounced = list(last.values_list("bounced_at", flat=True))
    hard = sum(1 for at in bounced if at)
    percent = 100 * hard / len(bounced) if bounced else 0
    if len(bounced) < BOUNCE_FLOOR or percent < mailbox.bounce_pause_percent:
        return False
    if mailbox.status not in {MailboxStatus.ACTIVE, MailboxStatus.FAILING}:
        return False
    reason = (
        f"{hard} of the last {len(bounced)} e-mails bounced ({percent:.0f} %), the limit is"
        f" {mailbox.bounce_pause_percent} %. Check the addresses before you resume it."
    )
    return pause_mailbox(mailbox, reason=reason)


def create_mailbox(*, agency: Agency, owner: User | None, values: Mapping[str, Any]) -> Mailbox:
    """Add a mailbox; its ramp-up begins today. Raises `AddressTakenError`."""
    if Mailbox.objects.for_agency(agency).filter(address=values["address"]).exists():
        raise AddressTakenError
    mailbox = Mailbox(agency=agency, owner=owner, **values)
    mailbox.ramp_started_on = _ramp_start(mailbox)
    mailbox.save()
    return mailbox


def change_mailbox(mailbox: Mailbox, *, values: Mapping[str, Any]) -> Mailbox:
    """Change what a person may change; a password not given stays. Raises `AddressTakenError`."""
    others = Mailbox.objects.filter(agency=mailbox.agency_id).exclude(pk=mailbox.pk)
    if others.filter(address=values.get("address", mailbox.address)).exists():
        raise AddressTakenError
    ramped = Mailbox.objects.values_list("ramp_start", flat=True).get(pk=mailbox.pk)
    for name, value in values.items():
        setattr(mailbox, name, value)
    changed = list(values)
    if mailbox.ramp_start != ramped:
        mailbox.ramp_started_on = _ramp_start(mailbox)
        changed.append("ramp_started_on")
    # Only what was typed: a worker may be writing the rest of the row.
    mailbox.save(update_fields=changed)
    return mailbox


def _ramp_start(mailbox: Mailbox) -> date | None:
    if mailbox.ramp_start is None:
        return None
    return timezone.now().astimezone(mailbox.agency.zone).date()


def delete_mailbox(mailbox: Mailbox) -> bool:
    """Delete a mailbox that never had a message; False when it has: archive it instead."""
    if mailbox.messages.exists() or mailbox.inbound.exists():
        return False
    mailbox.delete()
    return True


class AddressTakenError(Exception):
    """The agency already has a mailbox of this address."""
