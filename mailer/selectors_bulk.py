"""Gathers what is known of mailboxes for the rules of Gmail, Yahoo and Outlook."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from mailer.deliverability.bulk_rules import MailboxFacts, Rule, judge_bulk_rules
from mailer.deliverability.findings import from_json
from mailer.enums import ConnectionSecurity
from mailer.models import Mailbox, MailboxCheck, Message
from mailer.selectors_signing import is_local
from mailer.wire import public_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WINDOW = timedelta(days=30)


def bulk_rules(mailboxes: Sequence[Mailbox], *, now: datetime) -> list[Rule]:
    """Return every rule with how each mailbox keeps it, in two queries however many."""
    checks = {row.mailbox_id: row for row in MailboxCheck.objects.filter(mailbox__in=mailboxes)}
    sent = _sent([box.pk for box in mailboxes], now - WINDOW)
    return judge_bulk_rules([_facts(box, checks.get(box.pk), sent) for box in mailboxes])


def _sent(mailboxes: list[int], since: datetime) -> dict[int, tuple[int, int]]:
    rows = (
        Message.objects.filter(mailbox__in=mailboxes, sent_at__gte=since)
        .values("mailbox")
        .annotate(sent=Count("pk"), complained=Count("pk", filter=Q(complained_at__isnull=False)))
    )
    return {row["mailbox"]: (row["sent"], row["complained"]) for row in rows.order_by("mailbox")}


def _facts(
    box: Mailbox, check: MailboxCheck | None, sent: dict[int, tuple[int, int]]
) -> MailboxFacts:
    mails, complaints = sent.get(box.pk, (0, 0))
    findings = from_json(check.findings) if check else []
    return MailboxFacts(
        pk=box.pk,
        address=box.address,
        is_local=is_local(box),
        is_encrypted=box.smtp_security != ConnectionSecurity.NONE,
        unsubscribe_is_https=public_url(box, "/").startswith("https://"),
        daily_cap=box.daily_cap,
        sent=mails,
        complaints=complaints,
        findings={finding.key: finding for finding in findings},
    )
