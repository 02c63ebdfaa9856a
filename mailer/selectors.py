"""What the outgoing side knows: earlier contacts, and what a mailbox may still send."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from accounts.models import Agency
from compliance.counters import used
from compliance.enums import CounterScope
from mailer import rules
from mailer.enums import MailboxStatus
from mailer.models import Message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from mailer.models import Mailbox


@dataclass(frozen=True)
class PriorContact:
    """The last time anyone of the agency wrote to a person or site, and what came of it."""

    message_id: int
    sent_at: datetime
    sequence_key: str
    campaign_key: str
    context: str
    mailbox: str
    user_id: int | None
    who: str
    result: str


def prior_contacts(agency: Agency, addresses: Iterable[str]) -> dict[str, PriorContact]:
    """Return the last contact of each address that was ever written to, in one query."""
    rows = Message.objects.for_agency(agency).filter(to_address__in=set(addresses))
    return {row.to_address: _contact(row) for row in _newest(rows, "to_address")}


def prior_contacts_domains(agency: Agency, domains: Iterable[str]) -> dict[str, PriorContact]:
    """Return the last contact of each recipient domain, in one query."""
    rows = Message.objects.for_agency(agency).filter(recipient_domain__in=set(domains))
    return {row.recipient_domain: _contact(row) for row in _newest(rows, "recipient_domain")}


def _newest(rows: QuerySet[Message], column: str) -> QuerySet[Message]:
    return (
        rows.filter(sent_at__isnull=False)
        .annotate(
            nth=Window(RowNumber(), partition_by=[F(column)], order_by=[F("sent_at").desc(), "-id"])
        )
        .filter(nth=1)
        .select_related("sender_user", "mailbox", "thread")
    )


def _contact(row: Message) -> PriorContact:
    return PriorContact(
        message_id=row.pk,
        sent_at=row.sent_at,  # type: ignore[arg-type]  # filtered to be set
        sequence_key=row.sequence_key,
        campaign_key=row.campaign_key,
        context=row.thread.context if row.thread else "",
        mailbox=row.mailbox.address,
        user_id=row.sender_user_id,
        who=str(row.sender_user or row.mailbox),
        result=result_of(row),
    )


_RESULTS = (
    ("complained_at", "complained"),
    ("unsubscribed_at", "unsubscribed"),
    ("bounced_at", "bounced"),
    ("replied_at", "replied"),
    ("clicked_at", "clicked"),
    ("opened_at", "opened"),
    ("sent_at", "sent"),
)


def result_of(message: Message) -> str:
    """Return what came of a message in one word, the weightiest first."""
    return next((word for column, word in _RESULTS if getattr(message, column)), message.status)


def cap_today(mailbox: Mailbox, zone_now: datetime) -> int:
    """Return how many e-mails a mailbox may send on the local day of `zone_now`."""
    return rules.cap_on(
        zone_now.date(),
        daily_cap=mailbox.daily_cap,
        start=mailbox.ramp_start,
        step=mailbox.ramp_step,
        started_on=mailbox.ramp_started_on,
    )


@dataclass(frozen=True)
class Capacity:
    """What a mailbox may still send today, and what tomorrow; `reason` when nothing now."""

    today_cap: int
    used: int
    left: int
    tomorrow_cap: int
    reason: str = ""


def capacity(mailboxes: Iterable[Mailbox], *, now: datetime) -> dict[int, Capacity]:
    """Return the room of each mailbox; two queries for each agency among them."""
    by_agency: dict[int, list[Mailbox]] = defaultdict(list)
    for mailbox in mailboxes:
        by_agency[mailbox.agency_id].append(mailbox)
    found: dict[int, Capacity] = {}
    for agency in Agency.objects.filter(pk__in=by_agency):
        boxes = by_agency[agency.pk]
        counted = used(agency, CounterScope.MAILBOX_DAY, [box.pk for box in boxes], at=now)
        local = now.astimezone(agency.zone)
        for box in boxes:
            found[box.pk] = _capacity(box, counted.get(box.pk, 0), local)
    return found


def _capacity(mailbox: Mailbox, sent: int, local: datetime) -> Capacity:
    today = cap_today(mailbox, local)
    left = max(0, today - sent) if mailbox.status == MailboxStatus.ACTIVE else 0
    reason = ""
    if mailbox.status != MailboxStatus.ACTIVE:
        reason = mailbox.status_reason or mailbox.get_status_display()
    elif not left:
        reason = f"All {today} e-mails of today are used"
    return Capacity(today, sent, left, cap_today(mailbox, local + timedelta(days=1)), reason)
