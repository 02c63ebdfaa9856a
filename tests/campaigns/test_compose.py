"""Due enrolments become queued e-mails: when, from where, and when not."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.enums import ApprovalMode
from accounts.models import Agency
from campaigns.enums import CampaignStatus, EnrolmentStatus, Review
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.services import moves
from campaigns.services.compose import compose_campaign, compose_due, due_campaigns
from campaigns.services.content import begin_change
from campaigns.services.enrolment import enrol_leads
from campaigns.services.housekeeping import draft_missing
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from tests.factories.mailer import MailboxFactory
from tests.factories.outreach import CampaignFactory, PersonFactory, add_step, enrolment_of, running

MONDAY = dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC)


def test_compose_due_queues_a_due_enrolments_first_email(lawful: Agency, box: Mailbox):
    campaign = running(lawful, box)

    compose_due()

    message = Message.objects.get()
    enrolment = enrolment_of(campaign)
    assert message.status == MessageStatus.QUEUED
    assert message.subject == "A question for The Magazine"
    assert message.idempotency_key == f"enrolment:{enrolment.pk}:step:1:v1"
    assert message.campaign_key == f"campaign:{campaign.pk}"
    assert StepEmail.objects.get().message == message
    assert (enrolment.mailbox, enrolment.due_at) == (box, None)


def test_compose_due_twice_queues_once(lawful: Agency, box: Mailbox):
    running(lawful, box)

    compose_due()
    compose_due()

    assert Message.objects.count() == 1


@pytest.mark.parametrize("status", [s for s in CampaignStatus if s != CampaignStatus.RUNNING])
def test_compose_due_leaves_a_campaign_that_does_not_run(lawful, box, status):
    campaign = running(lawful, box)
    campaign.status = status
    campaign.save()

    compose_due()

    assert not Message.objects.exists()


def test_compose_due_leaves_a_campaign_changed_since_its_approval(lawful, box):
    campaign = running(lawful, box)
    campaign.content_version = 2
    campaign.save()

    compose_due()

    assert not Message.objects.exists()


def test_compose_due_holds_an_email_with_a_hole_back_and_names_it(lawful, box):
    campaign = running(lawful, box, texts=["I read {{ last_article }} twice."])

    compose_due()

    enrolment = enrolment_of(campaign)
    assert enrolment.status == EnrolmentStatus.PAUSED
    assert enrolment.pause_reason == "Missing: last_article"
    assert StepEmail.objects.get().unresolved == ["last_article"]
    assert not Message.objects.exists()


def test_compose_due_spreads_over_mailboxes_by_room(lawful, box):
    small = MailboxFactory.create(agency=lawful, daily_cap=2)
    campaign = running(lawful, box, people=6)
    campaign.mailboxes.add(small)
    Mailbox.objects.filter(pk=box.pk).update(daily_cap=4)

    compose_due()

    counts = {one: Message.objects.filter(mailbox=one).count() for one in (box, small)}
    assert counts == {box: 4, small: 2}


def test_compose_due_queues_no_more_than_leaves_within_the_hour(lawful, box):
    Mailbox.objects.filter(pk=box.pk).update(hourly_cap=3)
    running(lawful, box, people=5)

    compose_due()
    compose_due()

    assert Message.objects.count() == 3


def test_compose_due_stops_at_the_campaigns_daily_cap(lawful, box):
    running(lawful, box, people=5, daily_cap=2)

    compose_due()

    assert Message.objects.count() == 2


def test_compose_due_waits_while_the_mailbox_is_paused(lawful, box):
    campaign = running(lawful, box)
    Mailbox.objects.filter(pk=box.pk).update(status=MailboxStatus.PAUSED)

    compose_due()

    assert not Message.objects.exists()
    assert enrolment_of(campaign).due_at is not None


def test_compose_due_passes_over_full_mailboxes_to_those_with_room(lawful, box):
    full = MailboxFactory.create(agency=lawful, daily_cap=1, hourly_cap=1)
    campaign = running(lawful, box, people=3)
    campaign.mailboxes.add(full)
    first, second, third = Enrolment.objects.order_by("pk")
    past = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    Enrolment.objects.filter(pk__in=[first.pk, second.pk]).update(mailbox=full, first_sent_at=past)

    compose_due()

    composed = set(Enrolment.objects.filter(due_at=None).values_list("pk", flat=True))
    assert composed == {first.pk, third.pk}


def test_compose_due_draws_variants_for_good_and_in_share(lawful, box):
    campaign = CampaignFactory.create(agency=lawful, boxes=[box], texts=[])
    add_step(campaign, 1, "Text A", "Text B")
    people = [PersonFactory.create(agency=lawful).pk for _ in range(40)]
    enrol_leads(campaign=campaign, leads=people, actor=None)

    compose_due()

    shares = [StepEmail.objects.filter(variant__label=label).count() for label in "AB"]
    assert sum(shares) == 40
    assert min(shares) >= 8


# When ---------------------------------------------------------------------------------------


def moment(text: str) -> dt.datetime:
    """Return a day and hour of November 2026."""
    return dt.datetime.fromisoformat(f"2026-11-{text}:00+00:00")


def office_hours(lawful, box, **changes):
    values: dict[str, Any] = {
        "send_days": [1, 2, 3, 4, 5],
        "send_from": dt.time(9),
        "send_until": dt.time(17),
    }
    return running(lawful, box, **(values | changes))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param("16T08", "16T09", id="too early"),
        pytest.param("16T17", "17T09", id="too late"),
        pytest.param("21T12", "23T09", id="weekend"),
    ],
)
def test_compose_due_moves_what_is_due_outside_its_window(lawful, box, now, due):
    with time_machine.travel(moment(now), tick=False):
        campaign = office_hours(lawful, box)

        compose_due()

        assert enrolment_of(campaign).due_at == moment(due)
        assert not Message.objects.exists()


def test_compose_due_writes_in_the_recipients_morning(lawful, box):
    with time_machine.travel(MONDAY, tick=False):
        campaign = office_hours(lawful, box, in_recipient_time_zone=True)
        lead = enrolment_of(campaign).lead
        lead.time_zone = "America/Los_Angeles"
        lead.save()

        compose_due()

        assert enrolment_of(campaign).due_at == dt.datetime(2026, 11, 16, 17, tzinfo=dt.UTC)


def test_compose_due_keeps_holidays_free(lawful, box):
    with time_machine.travel(MONDAY, tick=False):
        campaign = office_hours(lawful, box, extra_holidays=["2026-11-16"])

        compose_due()

        assert enrolment_of(campaign).due_at == dt.datetime(2026, 11, 17, 9, tzinfo=dt.UTC)


def test_compose_due_waits_for_the_start_date(lawful, box):
    with time_machine.travel(MONDAY, tick=False):
        campaign = office_hours(lawful, box, start_on=dt.date(2026, 11, 18))

        compose_due()

        assert enrolment_of(campaign).due_at == dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)


def test_compose_due_goes_on_after_a_campaign_that_never_opens(lawful, box):
    running(lawful, box, start_on=dt.date(2099, 1, 1))
    running(lawful, box)

    compose_due()

    assert Message.objects.count() == 1


# Each e-mail approved -------------------------------------------------------------------------


def test_compose_due_waits_for_the_review_of_each_email(lawful, box):
    campaign = running(lawful, box, approval_mode=ApprovalMode.EACH_EMAIL)

    compose_due()
    assert not Message.objects.exists()

    StepEmail.objects.filter(campaign=campaign, step__order=1).update(review=Review.APPROVED)
    compose_due()
    assert Message.objects.count() == 1


def test_compose_due_passes_over_a_skipped_follow_up(lawful, box):
    campaign = running(lawful, box, approval_mode=ApprovalMode.EACH_EMAIL)
    StepEmail.objects.filter(step__order=2).update(review=Review.SKIPPED)
    past = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    Enrolment.objects.update(next_step=2, first_sent_at=past, mailbox=box)

    compose_due()

    assert enrolment_of(campaign).next_step == 3


def test_the_email_after_a_skipped_one_keeps_its_own_wait(lawful, box):
    campaign = running(
        lawful, box, approval_mode=ApprovalMode.EACH_EMAIL, texts=["One.", "Two.", "Three."]
    )
    StepEmail.objects.update(review=Review.APPROVED)
    StepEmail.objects.filter(step__order=2).update(review=Review.SKIPPED)
    past = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    Enrolment.objects.update(next_step=2, due_at=past, first_sent_at=past, mailbox=box)

    compose_due()

    enrolment = enrolment_of(campaign)
    assert enrolment.next_step == 3
    assert enrolment.due_at > timezone.now() + dt.timedelta(days=1)
    assert not Message.objects.exists()


def test_compose_due_ends_a_sequence_whose_first_email_was_skipped(lawful, box):
    campaign = running(lawful, box, approval_mode=ApprovalMode.EACH_EMAIL)
    StepEmail.objects.filter(step__order=1).update(review=Review.SKIPPED)

    compose_due()

    enrolment = enrolment_of(campaign)
    assert (enrolment.status, enrolment.stop_reason) == ("finished", "removed")


def test_what_was_skipped_is_not_sent_when_the_whole_sequence_is_approved_later(lawful, box):
    campaign = running(lawful, box, approval_mode=ApprovalMode.EACH_EMAIL)
    StepEmail.objects.filter(step__order=1).update(review=Review.SKIPPED)
    Campaign.objects.update(approval_mode=ApprovalMode.SEQUENCE)

    compose_due()

    assert not Message.objects.exists()
    assert enrolment_of(campaign).stop_reason == "removed"


def test_a_campaign_paused_while_it_is_composed_queues_nothing_more(lawful, box):
    running(lawful, box)
    seen = due_campaigns(timezone.now()).get()
    moves.pause(Campaign.objects.get(pk=seen.pk), actor=None)

    compose_campaign(seen, timezone.now())

    assert not Message.objects.exists()


def test_a_campaign_changed_while_it_is_composed_queues_nothing_of_the_old_content(
    lawful, box, owner
):
    running(lawful, box)
    seen = due_campaigns(timezone.now()).get()
    with transaction.atomic():
        begin_change(Campaign.objects.get(pk=seen.pk), actor=owner.user, what="a word")

    compose_campaign(seen, timezone.now())

    assert not Message.objects.exists()


def test_an_approval_of_older_content_lets_no_email_out(lawful, box):
    campaign = running(lawful, box, approval_mode=ApprovalMode.EACH_EMAIL)
    StepEmail.objects.update(review=Review.APPROVED)
    Campaign.objects.filter(pk=campaign.pk).update(content_version=2, approved_version=2)

    compose_due()

    assert not Message.objects.exists()
    draft_missing()
    assert set(StepEmail.objects.values_list("review", "content_version")) == {("drafted", 2)}


def test_what_waits_for_a_sequence_that_has_ended_is_withdrawn(lawful, box):
    campaign = running(lawful, box)
    compose_due()
    Enrolment.objects.filter(campaign=campaign).update(status=EnrolmentStatus.FINISHED)

    compose_due()

    assert Message.objects.get().status == MessageStatus.CANCELLED
