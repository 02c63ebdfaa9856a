"""Ending a campaign by hand, whoever is still in its sequence."""

from django.db import transaction

from accounts.models import User
from campaigns.enums import StopReason
from campaigns.models import Campaign, Enrolment
from campaigns.services import moves
from campaigns.services.stops import finish_enrolments


@transaction.atomic
def close_campaign(campaign: Campaign, *, actor: User) -> None:
    """Stop the sequence for everyone still in it and complete the campaign."""
    # The campaign's row first, as a composer locks it: neither waits for the other in turn.
    moves.complete(campaign, actor=actor)
    finish_enrolments(
        Enrolment.objects.filter(campaign=campaign),
        agency=campaign.agency,
        reason=StopReason.REMOVED,
        actor=actor,
        detail="The campaign was completed.",
    )
