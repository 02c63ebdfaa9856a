"""Submitting a campaign for review, its e-mails drafted where each one is reviewed."""

from celery import current_app
from django.db import transaction

from accounts.enums import ApprovalMode
from accounts.models import User
from campaigns.models import Campaign
from campaigns.services import moves
from campaigns.services.review import draft_for_review
from campaigns.services.stops import recall_campaign
from foundation.wake import wake

# Up to this many people are drafted for while the author waits.
AT_ONCE = 1000


@transaction.atomic
def submit_for_review(campaign: Campaign, *, actor: User) -> None:
    """Ask for approval. Raises `CampaignMoveError` with every reason against it.

    What was queued from the content as it was is taken back and made again once the
    new content is approved.
    """
    moves.submit(campaign, actor=actor)
    recall_campaign(
        campaign_id=campaign.pk, agency=campaign.agency, reason="The content was changed."
    )
    if campaign.approval_mode != ApprovalMode.EACH_EMAIL:
        return
    if campaign.total_enrolled <= AT_ONCE:
        draft_for_review(campaign)
    else:
        wake(current_app.signature("campaigns.draft"), campaign.pk)
