"""Ends what is through, and picks up what something else left hanging."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.enums import ApprovalMode
from campaigns.enums import CampaignStatus, EnrolmentStatus, Review, StopReason
from campaigns.models import Campaign, Enrolment, SequenceStep, StepEmail
from campaigns.services.enrolment import REVIEWED
from campaigns.services.moves import complete
from campaigns.services.review import draft_for_review
from campaigns.services.stops import finish_enrolments, pause_enrolments
from mailer.enums import MessageStatus

_OPEN = (EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)


def complete_finished(now: dt.datetime) -> None:
    """Finish enrolments past their last step's grace; complete campaigns left without any open."""
    settle_cancelled()
    draft_missing()
    through = Enrolment.objects.filter(
        ~Exists(
            SequenceStep.objects.filter(
                campaign=OuterRef("campaign"), order__gte=OuterRef("next_step")
            )
        ),
        status__in=_OPEN,
        due_at__lte=now,
        first_sent_at__isnull=False,
    )
    for campaign in _campaigns_of(through):
        finish_enrolments(
            through.filter(campaign=campaign), agency=campaign.agency, reason=StopReason.COMPLETED
        )
    for campaign in _finished_campaigns():
        complete(campaign, actor=None)


def _campaigns_of(rows: QuerySet[Enrolment]) -> list[Campaign]:
    return list(Campaign.objects.filter(pk__in=rows.values("campaign")).select_related("agency"))


def _finished_campaigns() -> list[Campaign]:
    mine = Enrolment.objects.filter(campaign=OuterRef("pk"))
    return list(
        Campaign.objects.filter(
            Exists(mine),
            ~Exists(mine.exclude(status=EnrolmentStatus.FINISHED)),
            status=CampaignStatus.RUNNING,
        ).select_related("agency")
    )


@transaction.atomic
def settle_cancelled() -> None:
    """Pause enrolments whose e-mail someone cancelled in the outbox: a person decides."""
    gone = StepEmail.objects.filter(
        Q(message__status=MessageStatus.CANCELLED),
        enrolment=OuterRef("pk"),
        step__order=OuterRef("next_step"),
    )
    hanging = Enrolment.objects.filter(Exists(gone), status__in=_OPEN, due_at=None)
    for campaign in _campaigns_of(hanging):
        pause_enrolments(
            hanging.filter(campaign=campaign),
            agency=campaign.agency,
            reason="Its e-mail was cancelled in the outbox",
        )


def draft_missing() -> None:
    """Draft for review what a worker that was away has not drafted yet."""
    current = (
        Q(content_version=F("campaign__content_version"))
        | Q(review=Review.SKIPPED)
        | Q(message__isnull=False)
    )
    drafted = StepEmail.objects.filter(
        current, enrolment=OuterRef("pk"), step__order=OuterRef("next_step")
    )
    step = SequenceStep.objects.filter(campaign=OuterRef("campaign"), order=OuterRef("next_step"))
    missing = Enrolment.objects.filter(
        ~Exists(drafted),
        Exists(step),
        campaign=OuterRef("pk"),
        status__in=_OPEN,
    )
    campaigns = Campaign.objects.filter(
        Exists(missing), approval_mode=ApprovalMode.EACH_EMAIL, status__in=REVIEWED
    )
    for campaign in campaigns.select_related("agency", "client", "owner"):
        draft_for_review(campaign)
