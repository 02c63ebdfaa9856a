"""Mails that could not be taken in: kept in view until a person has decided about them."""

from __future__ import annotations

from email import policy
from email.errors import MessageError
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.utils import timezone

from foundation.choices import check_move
from foundation.wake import wake
from mailer.enums import SET_ASIDE_MOVES, SetAsideStatus
from mailer.models import SetAsideMail

if TYPE_CHECKING:
    from mailer.models import Mailbox

_HEAD = 20_000
# At most so many are tried again in one pass.
AGAIN = 50


def note(
    mailbox: Mailbox, where: dict[str, Any], reason: str, *, tries: int, raw: bytes = b""
) -> SetAsideMail:
    """Write down that a mail could not be taken in, why, and how often it was tried."""
    sender, subject = _head(raw)
    row, _ = SetAsideMail.objects.update_or_create(
        mailbox=mailbox,
        **where,
        defaults={
            "agency_id": mailbox.agency_id,
            "reason": _clean(reason)[:500],
            "tries": min(tries, 1000),
            "at": timezone.now(),
            "sender": sender[:320],
            "subject": subject[:500],
            "status": SetAsideStatus.WAITING,
        },
    )
    return row


def asked_again(mailbox: Mailbox) -> list[SetAsideMail]:
    """Return what people asked to have read again."""
    rows = SetAsideMail.objects.filter(mailbox=mailbox, status=SetAsideStatus.AGAIN)
    return list(rows.order_by("pk")[:AGAIN])


def move(row: SetAsideMail, to: SetAsideStatus, *, reason: str = "") -> bool:
    """Move a mail from the status it was read with; False when another was quicker."""
    check_move("set-aside mail", SET_ASIDE_MOVES, row.status, to)
    changes: dict[str, object] = {"status": to, "at": timezone.now()}
    if reason:
        changes["reason"] = reason
    moved = SetAsideMail.objects.filter(pk=row.pk, status=row.status).update(**changes)
    row.refresh_from_db()
    return bool(moved)


def try_again(row: SetAsideMail) -> bool:
    """Have a mail read again with the mailbox's next pass, which is woken."""
    moved = move(row, SetAsideStatus.AGAIN)
    if moved:
        wake(current_app.signature("mailer.read_mailboxes"), [row.mailbox_id])
    return moved


def dismiss(row: SetAsideMail) -> bool:
    """Take a mail out of view; it stays in its folder."""
    return move(row, SetAsideStatus.DISMISSED)


def _head(raw: bytes) -> tuple[str, str]:
    """Return sender and subject, as far as even those can be read."""
    try:
        found = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:_HEAD])
        return _clean(str(found.get("From", ""))), _clean(str(found.get("Subject", "")))
    except (MessageError, ValueError, LookupError):
        return "", ""


def _clean(text: str) -> str:
    return " ".join(text.replace("\x00", "").encode("utf-8", "replace").decode().split())
