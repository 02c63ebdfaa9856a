"""The list of campaigns: which to show, and each one's headline numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import Agency, Client
from campaigns.enums import CampaignStatus, Review
from campaigns.models import Campaign, DailyStat, SequenceStep, StepEmail

OPEN_STATUSES = tuple(status for status in CampaignStatus if status != CampaignStatus.ARCHIVED)


@dataclass
class Headline:
    """What a row of the list says about one campaign."""

    steps: int = 0
    waiting: int = 0
    sent: int = 0
    replied: int = 0
    interested: int = 0

    @property
    def reply_rate(self) -> float:
        """Replies of a hundred sent first e-mails and follow-ups."""
        return round(100 * self.replied / self.sent, 1) if self.sent else 0.0


def campaigns_of(
    agency: Agency, *, status: str = "", search: str = "", client: Client | None = None
) -> QuerySet[Campaign]:
    """Return campaigns of one status ("" means all but the archived), narrowed by words."""
    rows = Campaign.objects.for_agency(agency).select_related("client", "owner")
    rows = rows.filter(status=status) if status else rows.filter(status__in=OPEN_STATUSES)
    if client:
        rows = rows.filter(client=client)
    for word in search.split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(client__name__icontains=word))
    return rows


def status_counts(agency: Agency, client: Client | None = None) -> dict[str, int]:
    """Return how many campaigns stand in each status; "" counts all but the archived."""
    rows = Campaign.objects.for_agency(agency)
    if client:
        rows = rows.filter(client=client)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return {"": sum(counts.get(status, 0) for status in OPEN_STATUSES), **counts}


def headlines(campaigns: Sequence[Campaign]) -> dict[int, Headline]:
    """Return the numbers of these campaigns, in three queries however many they are."""
    found = {campaign.pk: Headline() for campaign in campaigns}
    for pk, number in _counted(SequenceStep.objects.filter(campaign__in=found)):
        found[pk].steps = number
    drafts = StepEmail.objects.filter(campaign__in=found, review=Review.DRAFTED, message=None)
    for pk, number in _counted(drafts):
        found[pk].waiting = number
    stats = DailyStat.objects.filter(campaign__in=found).order_by().values("campaign")
    for row in stats.annotate(Sum("sent"), Sum("replied"), Sum("interested")):
        line = found[row["campaign"]]
        line.sent = row["sent__sum"]
        line.replied = row["replied__sum"]
        line.interested = row["interested__sum"]
    return found


def _counted(rows: QuerySet[SequenceStep] | QuerySet[StepEmail]) -> Iterable[tuple[int, int]]:
    return rows.order_by().values_list("campaign").annotate(Count("pk"))
