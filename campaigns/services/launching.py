"""Launching with open eyes: what receivers ask and does not hold needs a manager's reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from accounts.roles import includes
from campaigns.services import moves
from compliance import audit
from mailer.enums import CheckState
from mailer.selectors_bulk import bulk_rules

if TYPE_CHECKING:
    from accounts.models import User
    from campaigns.models import Campaign
    from mailer.deliverability.bulk_rules import Rule

# Long enough that it says something.
LEAST_REASON = 10


def campaign_rules(campaign: Campaign) -> list[Rule]:
    """Return what Gmail, Yahoo and Outlook ask, and how the campaign's mailboxes keep it."""
    return bulk_rules(list(campaign.mailboxes.order_by("address")), now=timezone.now())


def broken(rules: list[Rule]) -> list[Rule]:
    """Return the rules that do not hold; what is not known is not among them."""
    return [rule for rule in rules if rule.state == CheckState.FAIL]


@transaction.atomic
def launch(campaign: Campaign, *, actor: User, reason: str = "") -> None:
    """Launch a campaign; with a broken rule only by a manager who says why.

    The reason and what is broken are in the audit log. Raises `CampaignMoveError`.
    """
    failing = broken(campaign_rules(campaign))
    reason = " ".join(reason.split())[:500]
    if failing:
        _check_reason(campaign, actor, failing, reason)
    moves.launch(campaign, actor=actor)
    if failing:
        audit.record(
            agency=campaign.agency,
            actor=actor,
            action="campaign.launched_despite",
            object_type="campaign",
            object_id=str(campaign.pk),
            changes={"reason": reason, "broken": [rule.title for rule in failing]},
        )


def _check_reason(campaign: Campaign, actor: User, failing: list[Rule], reason: str) -> None:
    named = ", ".join(rule.title for rule in failing)
    seat = Membership.objects.filter(agency=campaign.agency_id, user=actor).first()
    if seat is None or not includes(seat.role, Role.MANAGER):
        raise moves.CampaignMoveError(
            f"These rules do not hold: {named}. Mend them, or have a manager launch it."
        )
    if len(reason) < LEAST_REASON:
        raise moves.CampaignMoveError(
            f"These rules do not hold: {named}. Say in a sentence why you launch all the same."
        )
