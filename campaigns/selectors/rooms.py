"""How many e-mails a campaign may queue now, in all and in each mailbox."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db.models import Count, Sum

from campaigns.models import Campaign, DailyStat
from campaigns.rules import Rotation, campaign_key
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.selectors import capacity

# No more is queued than can leave soon, so that a pause, a cap or an edit acts at once.
HORIZON = dt.timedelta(hours=1)
_UNDER_WAY = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.HANDING_OVER)


def campaign_rotation(campaign: Campaign, now: dt.datetime) -> Rotation:
    """Return the room each of the campaign's mailboxes has for the next hour."""
    mailboxes = [box for box in campaign.mailboxes.all() if box.status == MailboxStatus.ACTIVE]
    waiting, ours = _under_way(mailboxes, campaign, now)
    free = capacity(mailboxes, now=now)
    rooms = {
        box.pk: min(free[box.pk].left, hourly_pace(box)) - waiting[box.pk] for box in mailboxes
    }
    return Rotation(rooms, campaign.daily_cap - sent_today(campaign, now) - ours)


def hourly_pace(mailbox: Mailbox) -> int:
    """Return how many e-mails a mailbox can send in an hour under its cap and its gap."""
    gap = mailbox.gap_seconds + mailbox.gap_jitter_seconds / 2
    return min(mailbox.hourly_cap, int(3600 / gap) + 1) if gap else mailbox.hourly_cap


def sent_today(campaign: Campaign, now: dt.datetime) -> int:
    """Return how many e-mails of the campaign were sent today, in the agency's time zone."""
    today = now.astimezone(campaign.agency.zone).date()
    rows = DailyStat.objects.filter(campaign=campaign, date=today)
    return rows.aggregate(sent=Sum("sent"))["sent"] or 0


def _under_way(
    mailboxes: Sequence[Mailbox], campaign: Campaign, now: dt.datetime
) -> tuple[Counter[int], int]:
    """Count what waits in the mailboxes for the next hour, and how much of it is ours."""
    rows = (
        Message.objects.filter(
            mailbox__in=mailboxes, status__in=_UNDER_WAY, next_attempt_at__lte=now + HORIZON
        )
        .order_by()
        .values_list("mailbox", "campaign_key")
        .annotate(Count("pk"))
    )
    waiting: Counter[int] = Counter()
    ours = 0
    for mailbox, key, number in rows:
        waiting[mailbox] += number
        ours += number if key == campaign_key(campaign.pk) else 0
    return waiting, ours
