"""Looks at the DNS of mailboxes' domains, keeps what was found, and notes what became worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from foundation.names import Names
from mailer.deliverability.findings import Finding, became_worse, from_json, worst
from mailer.deliverability.judging import Sender
from mailer.deliverability.judging_keys import OwnKey
from mailer.deliverability.looking import look_up
from mailer.enums import CheckState, DkimKeyStatus
from mailer.models import Mailbox, MailboxCheck
from mailer.providers import known_providers
from mailer.selectors_signing import is_local, keys_of, sending_domain

if TYPE_CHECKING:
    from datetime import datetime

log = structlog.get_logger(__name__)

# A person waits for the first; nobody for the second.
SECONDS, PATIENT_SECONDS = 3.0, 20.0


def check_mailbox(mailbox: Mailbox, *, seconds: float = SECONDS) -> MailboxCheck:
    """Look up the mailbox's domain now, keep the findings, and return them."""
    now = timezone.now()
    findings = [_local()] if is_local(mailbox) else _look(mailbox, seconds)
    before = MailboxCheck.objects.filter(mailbox=mailbox).first()
    worse, worse_at = _worse(before, findings, now)
    row, _ = MailboxCheck.objects.update_or_create(
        mailbox=mailbox,
        defaults={
            "agency_id": mailbox.agency_id,
            "state": worst(findings),
            "findings": [finding.to_json() for finding in findings],
            "checked_at": now,
            "worse": worse,
            "worse_at": worse_at,
        },
    )
    return row


def check_every_mailbox() -> int:
    """Look up the domain of every mailbox in use; return how many could be."""
    checked = 0
    for mailbox in Mailbox.objects.in_use().order_by("pk").iterator(chunk_size=200):
        try:
            check_mailbox(mailbox, seconds=PATIENT_SECONDS)
            checked += 1
        except Exception:  # one odd domain must not keep the others from their look
            log.exception("deliverability_check_failed", mailbox=mailbox.pk)
    return checked


def _look(mailbox: Mailbox, seconds: float) -> list[Finding]:
    provider = known_providers().get(mailbox.provider)
    sender = Sender(
        domain=sending_domain(mailbox),
        provider=provider,
        provider_name=provider.name if provider and provider.smtp_host else mailbox.smtp_host,
        smtp_host=mailbox.smtp_host,
    )
    active = keys_of(mailbox).filter(status=DkimKeyStatus.ACTIVE).order_by("-algorithm")
    own = [OwnKey(row.selector, row.record_value) for row in active]
    return look_up(sender, own, Names(seconds))


def _local() -> Finding:
    text = "Mail of this mailbox stays on this computer, so nobody asks the DNS about it."
    return Finding("domain", "Sandbox", CheckState.NOT_APPLICABLE, text)


def _worse(
    before: MailboxCheck | None, findings: list[Finding], now: datetime
) -> tuple[list[str], datetime | None]:
    """Return what is worse than it once was: new troubles, and old ones that still last."""
    if before is None:
        return [], None
    new = became_worse(from_json(before.findings), findings)
    troubled = {row.title for row in findings if row.state in (CheckState.WARN, CheckState.FAIL)}
    lasting = [title for title in before.worse if title in troubled and title not in new]
    every = [*lasting, *new]
    return every, (now if new else before.worse_at) if every else None
