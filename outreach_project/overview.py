"""What the overview and the client's portal show, in a number of queries that never grows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Agency, Client
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign, DailyStat
from campaigns.selectors.approvals import campaigns_in_review, emails_to_review, shown
from leads.enums import ImportStatus
from leads.models import Lead, LeadImport
from mailer.enums import MailboxStatus, MessageStatus, SetAsideStatus, ThreadStatus
from mailer.models import Mailbox, Message, SetAsideMail, Thread

# Rows of each list; the page behind each shows the rest.
SHOWN = 5
DAYS = 7


@dataclass(frozen=True)
class SetupStep:
    """One thing a new agency does before its first campaign runs."""

    title: str
    text: str
    url_name: str
    done: bool


@dataclass(frozen=True)
class Week:
    """Seven days of figures beside the seven before."""

    days: list[dt.date]
    replies: list[int]
    replies_before: list[int]
    totals: dict[str, int]
    totals_before: dict[str, int]

    @property
    def bounce_rate(self) -> float:
        """Bounced among sent, in per cent."""
        return 100 * self.totals["bounced"] / self.totals["sent"] if self.totals["sent"] else 0


def setup_steps(agency: Agency) -> list[SetupStep]:
    """Return the first-run checklist with what is done, from one query."""
    mine = {"agency": OuterRef("pk")}
    campaigns = Campaign.objects.filter(**mine)
    done = (
        Agency.objects.filter(pk=agency.pk)
        .values(
            client=Exists(Client.objects.filter(**mine)),
            mailbox=Exists(Mailbox.objects.in_use().filter(**mine)),
            lead=Exists(Lead.objects.filter(**mine)),
            campaign=Exists(campaigns),
            launched=Exists(campaigns.filter(launched_at__isnull=False)),
        )
        .get()
    )
    address = bool(agency.postal_address.strip() and agency.sender_name.strip())
    return [
        SetupStep("Say who sends", "Postal address and legal name", "accounts:agency", address),
        SetupStep("Add a client", "Whose links you build", "accounts:clients", done["client"]),
        SetupStep("Connect a mailbox", "Sends and reads", "mailer:mailboxes", done["mailbox"]),
        SetupStep("Import leads", "A CSV or Excel file", "leads:import", done["lead"]),
        SetupStep("Write a campaign", "Steps and waits", "campaigns:list", done["campaign"]),
        SetupStep("Launch it", "After a manager approves", "campaigns:list", done["launched"]),
    ]


def waiting(agency: Agency, client: Client | None) -> dict[str, Any]:
    """Return what waits for a person: approvals, replies, mailboxes in trouble, imports."""
    drafts, campaigns = shown(emails_to_review(agency), "waiting"), campaigns_in_review(agency)
    if client:
        drafts, campaigns = drafts.filter(campaign__client=client), campaigns.filter(client=client)
    open_threads = Thread.objects.for_agency(agency).filter(status=ThreadStatus.OPEN)
    unknown = Message.objects.for_agency(agency).filter(status=MessageStatus.UNCERTAIN)
    not_read = Exists(
        SetAsideMail.objects.filter(mailbox=OuterRef("pk"), status=SetAsideStatus.WAITING)
    )
    troubled = ~Q(status=MailboxStatus.ACTIVE) | ~Q(last_read_error="") | Q(not_read=True)
    running = [ImportStatus.QUEUED, ImportStatus.RUNNING]
    return {
        "drafts": drafts.count(),
        "in_review": list(campaigns[:SHOWN]),
        "threads": open_threads.aggregate(
            open=Count("pk"), unread=Count("pk", filter=Q(is_unread=True))
        ),
        "uncertain": unknown.count(),
        "mailboxes": list(
            Mailbox.objects.for_agency(agency)
            .in_use()
            .annotate(not_read=not_read)
            .filter(troubled)
            .only("pk", "address", "status", "status_reason", "last_read_error", "agency")[:SHOWN]
        ),
        "imports": list(
            LeadImport.objects.for_agency(agency)
            .filter(status__in=running)
            .order_by("-created_at")[:SHOWN]
        ),
    }


def running_campaigns(agency: Agency, client: Client | None, today: dt.date) -> list[Campaign]:
    """Return running campaigns with what each sent today and was answered in all."""
    rows = Campaign.objects.for_agency(agency).filter(status=CampaignStatus.RUNNING)
    if client:
        rows = rows.filter(client=client)
    of_today = Q(stats__date=today)
    return list(
        rows.select_related("client")
        .annotate(
            sent_today=Coalesce(Sum("stats__sent", filter=of_today), 0),
            sent_total=Coalesce(Sum("stats__sent"), 0),
            replied_total=Coalesce(Sum("stats__replied"), 0),
        )
        .order_by("-launched_at", "-pk")[: 2 * SHOWN]
    )


def week(agency: Agency, client: Client | None, today: dt.date) -> Week:
    """Return the last seven days, today included, and the seven before, from one query."""
    days = [today - dt.timedelta(days=back) for back in range(2 * DAYS - 1, -1, -1)]
    stats = DailyStat.objects.for_agency(agency).filter(date__range=(days[0], days[-1]))
    if client:
        stats = stats.filter(campaign__client=client)
    by_day = _by_day(stats)
    rows = [by_day.get(day, {}) for day in days]
    before, now = rows[:DAYS], rows[DAYS:]
    return Week(
        days=days[DAYS:],
        replies=[row.get("replied", 0) for row in now],
        replies_before=[row.get("replied", 0) for row in before],
        totals=_totals(now),
        totals_before=_totals(before),
    )


def portal_campaigns(agency: Agency, client: Client) -> QuerySet[Campaign]:
    """Return a client's campaigns that were launched, with their headline numbers."""
    return (
        Campaign.objects.for_agency(agency)
        .filter(client=client, launched_at__isnull=False)
        .annotate(
            sent=Coalesce(Sum("stats__sent"), 0),
            replied=Coalesce(Sum("stats__replied"), 0),
            interested=Coalesce(Sum("stats__interested"), 0),
        )
    )


def portal_totals(agency: Agency, client: Client) -> dict[str, int]:
    """Return the headline numbers over all campaigns of a client."""
    stats = DailyStat.objects.for_agency(agency).filter(campaign__client=client)
    return {
        name: value or 0
        for name, value in stats.aggregate(
            sent=Sum("sent"), replied=Sum("replied"), interested=Sum("interested")
        ).items()
    }


def agency_today(agency: Agency) -> dt.date:
    """Return today where the agency is; daily figures are kept by that day."""
    return timezone.localdate(timezone=agency.zone)


_FIGURES = ("sent", "replied", "interested", "bounced")


def _by_day(stats: "QuerySet[DailyStat]") -> dict[dt.date, dict[str, int]]:
    rows = stats.order_by().values_list("date").annotate(*map(Sum, _FIGURES))
    return {day: dict(zip(_FIGURES, sums, strict=True)) for day, *sums in rows}


def _totals(rows: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(row.get(name, 0) for row in rows) for name in _FIGURES}
