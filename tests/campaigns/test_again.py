"""Sending an e-mail of a sequence a second time: only while its sequence wants it."""

import pytest
from django.utils import timezone

from campaigns.enums import EnrolmentStatus, StopReason
from campaigns.models import Campaign, Enrolment
from campaigns.services import moves
from campaigns.services.compose import compose_due
from campaigns.services.enrolment import enrol_leads
from campaigns.services.stops import finish_enrolments, resume_enrolments
from mailer.enums import MessageStatus
from mailer.models import Message
from mailer.services.outbox import hold_messages, release_messages
from mailer.services.uncertain import NotAgainError, send_again
from tests.factories.outreach import enrolment_of, running


@pytest.fixture
def campaign(lawful, box) -> Campaign:
    """A running campaign whose only e-mail failed."""
    made = running(lawful, box)
    compose_due()
    Message.objects.update(status=MessageStatus.FAILED)
    return made


def test_a_failed_email_is_sent_again_while_its_sequence_runs(campaign: Campaign):
    assert send_again(Message.objects.get())


def test_an_email_is_not_sent_again_after_its_sequence_ended(campaign: Campaign):
    finish_enrolments(Enrolment.objects.all(), agency=campaign.agency, reason=StopReason.REPLIED)

    with pytest.raises(NotAgainError, match="replied"):
        send_again(Message.objects.get())

    assert Message.objects.get().status == MessageStatus.FAILED


def test_an_email_is_not_sent_again_in_a_paused_campaign(campaign: Campaign):
    moves.pause(campaign, actor=None)

    with pytest.raises(NotAgainError, match="paused"):
        send_again(Message.objects.get())


def test_an_email_written_anew_is_not_sent_again(campaign: Campaign):
    Enrolment.objects.update(status=EnrolmentStatus.PAUSED, due_at=timezone.now())
    failed = Message.objects.get()
    resume_enrolments(Enrolment.objects.all(), agency=campaign.agency)
    compose_due()
    assert Message.objects.count() == 2

    with pytest.raises(NotAgainError, match="anew"):
        send_again(failed)


def test_a_lead_whose_email_may_have_left_does_not_join_again(campaign: Campaign):
    Message.objects.update(status=MessageStatus.UNCERTAIN)
    lead = enrolment_of(campaign).lead_id
    finish_enrolments(Enrolment.objects.all(), agency=campaign.agency, reason=StopReason.REMOVED)

    result = enrol_leads(campaign=campaign, leads=[lead], actor=None)

    assert (result.enrolled, result.skipped) == (0, {"already": 1})


def test_an_email_being_handed_over_waits_with_its_campaign_when_it_is_put_off(
    campaign: Campaign,
):
    Message.objects.update(status=MessageStatus.HANDING_OVER)
    key = Message.objects.get().campaign_key

    hold_messages(agency=campaign.agency, campaign_key=key)
    assert Message.objects.get().held

    release_messages(agency=campaign.agency, campaign_key=key)
    assert not Message.objects.get().held
