"""Campaigns move as the table says, by whom it says, and only as they were seen."""

import pytest

from accounts.enums import Role
from campaigns.enums import CAMPAIGN_MOVES, CampaignStatus
from campaigns.models import Campaign
from campaigns.services import moves
from campaigns.services.moves import CampaignMoveError
from compliance.models import AuditEntry
from foundation.choices import MoveError
from mailer.enums import MessageStatus
from mailer.models import Message
from tests.factories.mailer import MessageFactory

S = CampaignStatus
TARGETS = {
    S.IN_REVIEW: moves.submit,
    S.APPROVED: moves.approve,
    S.RUNNING: moves.launch,
    S.PAUSED: moves.pause,
    S.COMPLETED: moves.complete,
    S.ARCHIVED: moves.archive,
}
FORBIDDEN = [
    (old, new) for old in CampaignStatus for new in TARGETS if new not in CAMPAIGN_MOVES[old]
]


def _put(campaign: Campaign, status: str, **columns: object) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(status=status, **columns)
    campaign.refresh_from_db()
    return campaign


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_a_forbidden_move_is_refused(campaign, owner, old: str, new: str) -> None:
    _put(campaign, old, approved_version=campaign.content_version)
    with pytest.raises(MoveError):
        TARGETS[CampaignStatus(new)](campaign, actor=owner.user)


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_a_forbidden_move_changes_nothing(campaign, owner, old: str, new: str) -> None:
    _put(campaign, old, approved_version=campaign.content_version)
    with pytest.raises(MoveError):
        TARGETS[CampaignStatus(new)](campaign, actor=owner.user)
    campaign.refresh_from_db()
    assert campaign.status == old


def test_the_way_from_draft_to_running(campaign, owner) -> None:
    for move in (moves.submit, moves.approve, moves.launch):
        move(campaign, actor=owner.user)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_version, campaign.approved_by) == (
        S.RUNNING,
        campaign.content_version,
        owner.user,
    )


def test_a_member_may_not_approve(campaign, owner, join) -> None:
    moves.submit(campaign, actor=owner.user)
    with pytest.raises(CampaignMoveError, match="manager"):
        moves.approve(campaign, actor=join(Role.MEMBER).user)


def test_the_owner_of_another_agency_may_not_approve(campaign, owner, stranger) -> None:
    moves.submit(campaign, actor=owner.user)
    with pytest.raises(CampaignMoveError, match="manager"):
        moves.approve(campaign, actor=stranger.user)


def test_of_two_who_move_at_once_one_is_told(campaign, owner) -> None:
    moves.submit(campaign, actor=owner.user)
    mine, yours = (Campaign.objects.get(pk=campaign.pk) for _ in range(2))
    moves.approve(mine, actor=owner.user)
    with pytest.raises(CampaignMoveError, match="just now"):
        moves.approve(yours, actor=owner.user)


def test_what_changed_meanwhile_is_not_approved(campaign, owner) -> None:
    moves.submit(campaign, actor=owner.user)
    Campaign.objects.filter(pk=campaign.pk).update(content_version=99)
    with pytest.raises(CampaignMoveError, match="just now"):
        moves.approve(campaign, actor=owner.user)


def test_nothing_unapproved_is_launched(campaign, owner) -> None:
    _put(campaign, S.APPROVED, approved_version=campaign.content_version + 1)
    with pytest.raises(CampaignMoveError, match="changed since"):
        moves.launch(campaign, actor=owner.user)


def test_nothing_unapproved_is_resumed(campaign, owner) -> None:
    _put(campaign, S.PAUSED, approved_version=None)
    with pytest.raises(CampaignMoveError, match="changed since"):
        moves.resume(campaign, actor=owner.user)


def test_pausing_holds_what_is_queued(campaign, owner) -> None:
    message = _queued(campaign)
    _put(campaign, S.RUNNING)
    moves.pause(campaign, actor=owner.user)
    message.refresh_from_db()
    assert (message.status, message.held) == (MessageStatus.QUEUED, True)


def test_resuming_releases_what_is_held(campaign, owner) -> None:
    message = _queued(campaign)
    _put(campaign, S.RUNNING, approved_version=campaign.content_version)
    moves.pause(campaign, actor=owner.user)
    moves.resume(campaign, actor=owner.user)
    message.refresh_from_db()
    assert message.held is False


def test_a_returned_draft_says_why(campaign, owner) -> None:
    moves.submit(campaign, actor=owner.user)
    moves.return_to_draft(campaign, actor=owner.user, note="Shorter, please.")
    assert (campaign.status, campaign.review_note) == (S.DRAFT, "Shorter, please.")


def test_what_was_launched_once_returns_to_paused(campaign, owner) -> None:
    _put(campaign, S.IN_REVIEW, launched_at=campaign.created_at)
    moves.return_to_draft(campaign, actor=owner.user)
    assert campaign.status == S.PAUSED


@pytest.mark.parametrize("was", [S.DRAFT, S.COMPLETED])
def test_archiving_can_be_taken_back(campaign, owner, was: str) -> None:
    _put(campaign, was, completed_at=campaign.created_at if was == S.COMPLETED else None)
    moves.archive(campaign, actor=owner.user)
    moves.unarchive(campaign, actor=owner.user)
    assert campaign.status == was


def test_every_move_is_in_the_audit_log(campaign, owner) -> None:
    moves.submit(campaign, actor=owner.user)
    entry = AuditEntry.objects.get(action="campaign.in_review")
    assert (entry.actor, entry.changes["from"]) == (owner.user, "draft")


def _break_text(campaign):
    campaign.steps.get().variants.update(body="Hi {{ first_name")


def _break_subject(campaign):
    campaign.steps.get().variants.update(subject=" ")


def _break_body(campaign):
    campaign.steps.get().variants.update(body=" ")


def _break_variants(campaign):
    campaign.steps.get().variants.update(status="paused")


def _break_steps(campaign):
    campaign.steps.all().delete()


def _break_mailboxes(campaign):
    campaign.mailboxes.clear()


def _break_mailbox(campaign):
    campaign.mailboxes.update(status="failing")


def _break_address(campaign):
    campaign.agency.postal_address = ""


def _break_sender(campaign):
    campaign.agency.sender_name = " "


def _break_leads(campaign):
    campaign.enrolments.all().delete()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_break_text, "Step 1: body: a “{{” is not closed"),
        (_break_subject, "Step 1: the subject is empty"),
        (_break_body, "Step 1: the e-mail is empty"),
        (_break_variants, "Step 1 has no active variant"),
        (_break_steps, "The sequence has no e-mail yet"),
        (_break_mailboxes, "No mailbox is chosen"),
        (_break_mailbox, "None of the chosen mailboxes can send"),
        (_break_address, "postal address"),
        (_break_sender, "legal sender name"),
        (_break_leads, "Nobody is enrolled"),
    ],
)
def test_a_campaign_that_is_not_ready_says_what_is_missing(campaign, owner, spoil, words) -> None:
    spoil(campaign)
    with pytest.raises(CampaignMoveError, match=words.replace("{", r"\{")):
        moves.submit(campaign, actor=owner.user)


def _queued(campaign: Campaign) -> Message:
    return MessageFactory.create(
        agency=campaign.agency,
        mailbox=campaign.mailboxes.get(),
        campaign_key=f"campaign:{campaign.pk}",
    )
