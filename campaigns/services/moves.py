"""How a campaign moves: submitted, approved, launched, paused, completed, put away.

Every move is one conditional UPDATE on the status and the content the mover saw, so of
two people pressing at once one moves and the other is told.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.roles import includes
from campaigns.enums import CAMPAIGN_MOVES, CampaignStatus
from campaigns.models import Campaign
from campaigns.rules import campaign_key
from campaigns.selectors.checks import blocking_checks
from compliance import audit
from foundation.choices import MoveError, check_move
from mailer.services.outbox import hold_messages, release_messages

S = CampaignStatus


class CampaignMoveError(MoveError):
    """A campaign that cannot move as asked; the message says what to do."""

    def __init__(self, message: str, *, reasons: tuple[str, ...] = ()) -> None:
        Exception.__init__(self, message)
        self.reasons = reasons


@transaction.atomic
def submit(campaign: Campaign, *, actor: User) -> None:
    """Ask for approval. Raises `CampaignMoveError` with every reason against it."""
    check_move("campaign", CAMPAIGN_MOVES, campaign.status, S.IN_REVIEW)
    problems = tuple(check.text for check in blocking_checks(campaign))
    if problems:
        raise CampaignMoveError("Not ready for review: " + " ".join(problems), reasons=problems)
    _move(campaign, S.IN_REVIEW, actor=actor, review_note="")


@transaction.atomic
def approve(campaign: Campaign, *, actor: User) -> None:
    """Approve the content as this object saw it; later changes take the approval away.

    Raises `CampaignMoveError` when `actor` may not approve or the content has changed.
    """
    if not _may_approve(campaign, actor):
        raise CampaignMoveError("Only a manager or an owner of the agency approves campaigns.")
    _move(
        campaign,
        S.APPROVED,
        actor=actor,
        approved_version=campaign.content_version,
        approved_by=actor,
        approved_at=timezone.now(),
    )


@transaction.atomic
def return_to_draft(campaign: Campaign, *, actor: User, note: str = "") -> None:
    """Give a campaign back to its writers, with what should change."""
    _move(
        campaign,
        resting_status(campaign),
        actor=actor,
        note=note,
        review_note=note.strip()[:1000],
        approved_version=None,
        approved_by=None,
        approved_at=None,
    )


@transaction.atomic
def launch(campaign: Campaign, *, actor: User) -> None:
    """Start sending, or go on after a change was approved."""
    if campaign.status == S.PAUSED:
        resume(campaign, actor=actor)
        return
    _only_approved(campaign)
    _move(campaign, S.RUNNING, actor=actor, launched_at=campaign.launched_at or timezone.now())
    release_messages(agency=campaign.agency, campaign_key=campaign_key(campaign.pk))


@transaction.atomic
def pause(campaign: Campaign, *, actor: User | None, note: str = "") -> None:
    """Stop sending at once; what is queued waits."""
    _move(campaign, S.PAUSED, actor=actor, note=note)
    hold_messages(agency=campaign.agency, campaign_key=campaign_key(campaign.pk))


@transaction.atomic
def resume(campaign: Campaign, *, actor: User) -> None:
    """Go on sending. Raises `CampaignMoveError` when the content changed since it was approved."""
    _only_approved(campaign)
    _move(campaign, S.RUNNING, actor=actor, launched_at=campaign.launched_at or timezone.now())
    release_messages(agency=campaign.agency, campaign_key=campaign_key(campaign.pk))


@transaction.atomic
def complete(campaign: Campaign, *, actor: User | None) -> None:
    """End a campaign whose people are all through."""
    _move(campaign, S.COMPLETED, actor=actor, completed_at=timezone.now())


@transaction.atomic
def reopen(campaign: Campaign, *, actor: User) -> None:
    """Take a completed campaign up again; it stays paused until someone resumes it."""
    if campaign.status != S.COMPLETED:
        raise CampaignMoveError("Only a completed campaign can be reopened.")
    _move(campaign, S.PAUSED, actor=actor, completed_at=None)


@transaction.atomic
def archive(campaign: Campaign, *, actor: User) -> None:
    """Put a draft or a completed campaign out of the way."""
    _move(campaign, S.ARCHIVED, actor=actor)


@transaction.atomic
def unarchive(campaign: Campaign, *, actor: User) -> None:
    """Bring a campaign back to where it was put away from."""
    _move(campaign, S.COMPLETED if campaign.completed_at else S.DRAFT, actor=actor)


def void_approval(campaign: Campaign, *, actor: User | None) -> None:
    """Take a campaign whose content changed out of review, approval or sending.

    What was never launched is a draft again, what was is paused. Called with the
    content already changed; see `content.changing`.
    """
    if campaign.status == S.RUNNING:
        pause(campaign, actor=actor, note="Its content was changed.")
    elif campaign.status in (S.IN_REVIEW, S.APPROVED):
        _move(campaign, resting_status(campaign), actor=actor, note="Its content was changed.")


def resting_status(campaign: Campaign) -> str:
    """Return where a campaign waits while it is written: draft, or paused once launched."""
    return S.PAUSED if campaign.launched_at else S.DRAFT


def is_approved(campaign: Campaign) -> bool:
    """Return whether the approval given is of the content as it stands."""
    return campaign.approved_version == campaign.content_version


def _only_approved(campaign: Campaign) -> None:
    if not is_approved(campaign):
        raise CampaignMoveError(
            "The content was changed since it was approved. Submit it for review first."
        )


def _may_approve(campaign: Campaign, actor: User) -> bool:
    seat = Membership.objects.filter(agency=campaign.agency_id, user=actor).first()
    return seat is not None and includes(seat.role, Role.MANAGER)


def _move(
    campaign: Campaign, to: str, *, actor: User | None, note: str = "", **columns: Any
) -> None:
    """Move the row this object saw, and the object; tell the audit log."""
    old = campaign.status
    check_move("campaign", CAMPAIGN_MOVES, old, to)
    seen = Campaign.objects.filter(
        pk=campaign.pk, status=old, content_version=campaign.content_version
    )
    if not seen.update(status=to, **columns):
        raise CampaignMoveError("Someone changed this campaign just now. Look at it again first.")
    for name, value in {"status": to, **columns}.items():
        setattr(campaign, name, value)
    audit.record(
        agency=campaign.agency,
        actor=actor,
        action=f"campaign.{to}",
        object_type="campaign",
        object_id=str(campaign.pk),
        changes={"from": old, "to": to, "version": campaign.content_version, "note": note},
    )
