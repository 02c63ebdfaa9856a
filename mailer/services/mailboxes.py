"""Writes about mailboxes: made, changed, paused, failing, resumed, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from foundation.choices import check_move
from foundation.wake import wake
from mailer import rules
from mailer.enums import MAILBOX_MOVES, MailboxStatus, MessageStatus, Trouble
from mailer.models import Mailbox, Message
from mailer.services.incidents import end_trouble, note_trouble
from mailer.services.outbox import wake_sender

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from accounts.models import Agency, User
    from mailer.services.leases import Lease

# A bounce rate says nothing before this many e-mails.
BOUNCE_SAMPLE = 100
BOUNCE_FLOOR = 20
_ENDINGS = {
    MailboxStatus.ACTIVE: "Resumed.",
    MailboxStatus.PAUSED: "Paused.",
    MailboxStatus.ARCHIVED: "Archived.",
}


def move_mailbox(
    mailbox: Mailbox,
    to: MailboxStatus,
    *,
    reason: str = "",
    retry_at: datetime | None = None,
    now: datetime | None = None,
) -> bool:
    """Move a mailbox from the status it was read with; False when another was quicker.

    Whoever decides about a mailbox ends what it was in trouble for.
    """
    check_move("mailbox", MAILBOX_MOVES, mailbox.status, to)
    now = now or timezone.now()
    changes: dict[str, object] = {
        "status": to,
        "status_reason": reason[:500],
        "status_at": now,
        "retry_at": retry_at,
    }
    if to == MailboxStatus.ACTIVE:
        changes["failures"] = 0
    with transaction.atomic():
        moved = Mailbox.objects.filter(pk=mailbox.pk, status=mailbox.status).update(**changes)
        if moved:
            mailbox.refresh_from_db()
            end_trouble(mailbox.pk, reading=False, ending=_ENDINGS[to], now=now)
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


def fail_mailbox(lease: Lease, kind: Trouble, *, reason: str, now: datetime) -> None:
    """Stop a mailbox at the first failure that is its own, with a plan to try again.

    A refused login and a server that asks us to stop pause it; a server that cannot be
    reached leaves it failing. Both are tried again by themselves, ever more rarely; a
    password refused for the fourth time waits for a person.
    """
    with transaction.atomic():
        rows = Mailbox.objects.filter(_stoppable(now), pk=lease.mailbox_id, fence=lease.fence)
        if not rows.update(failures=F("failures") + 1):
            return
        mailbox = Mailbox.objects.get(pk=lease.mailbox_id)
        wait = rules.mailbox_retry(mailbox.failures, wrong_password=kind == Trouble.LOGIN)
        rows.update(
            status=MailboxStatus.PAUSED if kind in rules.PAUSING else MailboxStatus.FAILING,
            status_reason=reason[:500],
            status_at=now,
            retry_at=now + wait if wait else None,
        )
        note_trouble(mailbox, kind, reason=reason, tries=mailbox.failures, now=now)


def _stoppable(now: datetime) -> Q:
    """Not one that a person has paused or archived meanwhile."""
    return Q(status=MailboxStatus.ACTIVE) | _tried_again(now)


def _tried_again(now: datetime) -> Q:
    return Q(status__in=[MailboxStatus.FAILING, MailboxStatus.PAUSED], retry_at__lte=now)


def readmit_mailbox(lease: Lease, *, now: datetime) -> None:
    """Let a stopped mailbox try to send, because its server talks to it again.

    Its failures stay counted until an e-mail went through: a server that lets us in and
    then stops us again is the same trouble, not new trouble every five minutes.
    """
    Mailbox.objects.filter(_tried_again(now), pk=lease.mailbox_id, fence=lease.fence).update(
        status=MailboxStatus.ACTIVE, status_reason="", status_at=now, retry_at=None
    )


@transaction.atomic
def recover_mailbox(lease: Lease, *, now: datetime) -> None:
    """Write down that a mailbox that was in trouble has sent again."""
    rows = Mailbox.objects.filter(pk=lease.mailbox_id, fence=lease.fence, failures__gt=0)
    if rows.update(failures=0):
        end_trouble(lease.mailbox_id, reading=False, ending="It sent again.", now=now)


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
    if not mailbox.is_trying:
        return False
    reason = (
        f"{hard} of the last {len(bounced)} e-mails bounced ({percent:.0f} %), the limit is"
        f" {mailbox.bounce_pause_percent} %. Check the addresses before you resume it."
    )
    with transaction.atomic():
        paused = pause_mailbox(mailbox, reason=reason)
        if paused:
            note_trouble(mailbox, Trouble.BOUNCES, reason=reason, tries=1, now=timezone.now())
    return paused


def create_mailbox(*, agency: Agency, owner: User | None, values: Mapping[str, Any]) -> Mailbox:
    """Add a mailbox; its ramp-up begins today. Raises `AddressTakenError`."""
    if Mailbox.objects.for_agency(agency).filter(address=values["address"]).exists():
        raise AddressTakenError
    mailbox = Mailbox(agency=agency, owner=owner, **values)
    mailbox.ramp_started_on = _ramp_start(mailbox)
    mailbox.save()
    wake(current_app.signature("mailer.check_mailbox"), mailbox.pk)
    return mailbox


def change_mailbox(mailbox: Mailbox, *, values: Mapping[str, Any]) -> Mailbox:
    """Change what a person may change; a password not given stays. Raises `AddressTakenError`."""
    others = Mailbox.objects.filter(agency=mailbox.agency_id).exclude(pk=mailbox.pk)
    if others.filter(address=values.get("address", mailbox.address)).exists():
        raise AddressTakenError
    columns = ("ramp_start", "tracking_domain")
    ramped, own_host = Mailbox.objects.values_list(*columns).get(pk=mailbox.pk)
    for name, value in values.items():
        setattr(mailbox, name, value)
    changed = list(values)
    if mailbox.ramp_start != ramped:
        mailbox.ramp_started_on = _ramp_start(mailbox)
        changed.append("ramp_started_on")
    if mailbox.tracking_domain != own_host:  # links use it once it was seen to lead to us
        mailbox.tracking_verified_at, mailbox.tracking_problem = None, ""
        changed += ["tracking_verified_at", "tracking_problem"]
    # Only what was typed: a worker may be writing the rest of the row.
    mailbox.save(update_fields=changed)
    wake(current_app.signature("mailer.check_mailbox"), mailbox.pk)
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
