"""What in a campaign asks for a person, each with the page that mends it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from campaigns.enums import CampaignStatus, EnrolmentStatus, Review, StopReason
from campaigns.models import Campaign, Enrolment, StepEmail
from mailer.enums import MailboxStatus
from mailer.selectors import capacity

NEARLY_FULL = 0.9


@dataclass(frozen=True)
class Attention:
    """One line of the list: what is wrong, how bad, and where to go (a URL name and query)."""

    tone: str
    icon: str
    text: str
    action: str
    target: str
    query: str = ""


def needs_attention(campaign: Campaign, now: dt.datetime) -> list[Attention]:
    """Return what waits for a person, worst first."""
    found = [*_mailboxes(campaign, now), *_approval(campaign), *_people(campaign)]
    order = {"bad": 0, "warn": 1, "accent": 2}
    return sorted(found, key=lambda item: order.get(item.tone, 3))


def _approval(campaign: Campaign) -> list[Attention]:
    drafts = StepEmail.objects.filter(campaign=campaign, review=Review.DRAFTED).count()
    found = []
    if drafts:
        text = f"{drafts:,} e-mail{'s wait' if drafts > 1 else ' waits'} for review"
        found.append(
            Attention(
                "accent",
                "check-badge",
                text,
                "Review",
                "campaigns:approvals",
                f"campaign={campaign.slug}",
            )
        )
    stale = campaign.approved_version not in (None, campaign.content_version)
    if stale and campaign.status in (CampaignStatus.RUNNING, CampaignStatus.PAUSED):
        text = "The sequence was changed after it was approved: nothing is sent until it is again"
        found.append(
            Attention("bad", "exclamation-triangle", text, "Sequence", "campaigns:sequence")
        )
    return found


def _people(campaign: Campaign) -> list[Attention]:
    counted = Enrolment.objects.filter(campaign=campaign).aggregate(
        paused=Count("pk", filter=Q(status=EnrolmentStatus.PAUSED, paused_until=None)),
        blocked=Count("pk", filter=Q(stop_reason=StopReason.BLOCKED)),
    )
    found = []
    if counted["paused"]:
        people = "person waits" if counted["paused"] == 1 else "people wait"
        text = f"{counted['paused']:,} {people} for you: something is missing or was refused"
        found.append(
            Attention("warn", "pause-circle", text, "Look", "campaigns:leads", "status=paused")
        )
    if counted["blocked"]:
        were = "person was" if counted["blocked"] == 1 else "people were"
        text = f"{counted['blocked']:,} {were} left out: we may not write to them"
        found.append(
            Attention("warn", "no-symbol", text, "See why", "campaigns:leads", "stop=blocked")
        )
    return found


def _mailboxes(campaign: Campaign, now: dt.datetime) -> list[Attention]:
    boxes = list(campaign.mailboxes.all())
    if not boxes:
        text = "No mailbox is chosen, so nothing can be sent"
        return [Attention("bad", "envelope", text, "Choose", "campaigns:settings")]
    active = [box for box in boxes if box.status == MailboxStatus.ACTIVE]
    found = [
        Attention(
            "bad",
            "exclamation-triangle",
            f"{box.address} is {box.get_status_display().lower()}"
            + (f": {box.status_reason}" if box.status_reason else ""),
            "Mailboxes",
            "mailer:mailboxes",
        )
        for box in boxes
        if box.status != MailboxStatus.ACTIVE
    ]
    for pk, room in capacity(active, now=now).items():
        if room.today_cap and room.used >= NEARLY_FULL * room.today_cap:
            address = next(box.address for box in active if box.pk == pk)
            text = f"{address} has used {room.used} of its {room.today_cap} e-mails of today"
            found.append(Attention("warn", "inbox-stack", text, "Mailboxes", "mailer:mailboxes"))
    return found
