"""What stops a sequence, at every point on its way: before compose, queued, claimed, sent."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agency, Membership
from campaigns.enums import ENROLMENT_MOVES, EnrolmentStatus, StopReason
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.services.compose import compose_due
from campaigns.services.housekeeping import complete_finished
from campaigns.services.stops import (
    finish_enrolments,
    mark_won,
    move_enrolments,
    pause_enrolments,
    recall_campaign,
    resume_enrolments,
)
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from leads.enums import LeadStatus
from leads.models import Lead, LeadEvent
from leads.signals import leads_deleting
from mailer.enums import InboundKind, Intent, MessageStatus
from mailer.models import InboundMessage, Mailbox, Message
from mailer.services.outbox import cancel_messages
from mailer.services.sending import send_due
from mailer.signals import (
    complaint_received,
    message_bounced,
    message_failed,
    recipient_unsubscribed,
    reply_received,
)
from tests.factories.mailer import MailboxFactory
from tests.factories.outreach import PersonFactory, enrolment_of, running


def reply_to(message: Message, *, intent: str = Intent.OTHER, **changes) -> InboundMessage:
    """Store and announce a reply, as the mailer does."""
    values = {
        "from_address": message.to_address,
        "kind": InboundKind.REPLY,
        "intent": intent,
        "uid": InboundMessage.objects.count() + 1,
        "message_id": f"<in{InboundMessage.objects.count()}@x.example>",
    }
    inbound = InboundMessage.objects.create(
        agency=message.agency,
        mailbox=message.mailbox,
        original=message,
        **(values | changes),
    )
    Message.objects.filter(pk=message.pk, replied_at=None).update(replied_at=inbound.received_at)
    reply_received.send(sender=InboundMessage, inbound=inbound, message=message)
    return inbound


def unsubscribe(message: Message) -> None:
    recipient_unsubscribed.send(
        sender=Message,
        agency=message.agency,
        address=message.to_address,
        message=message,
        inbound=None,
    )


def complain(message: Message) -> None:
    complaint_received.send(
        sender=Message,
        agency=message.agency,
        address=message.to_address,
        message=message,
        inbound=None,
    )


def bounce(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(bounced_at=timezone.now())
    message_bounced.send(sender=Message, message=message, inbound=None, hard=True)


def suppress_address(message: Message) -> None:
    suppress(
        agency=message.agency,
        kind=SuppressionKind.ADDRESS,
        values=[message.to_address],
        reason=SuppressionReason.MANUAL,
        source="test",
    )


def suppress_domain(message: Message) -> None:
    suppress(
        agency=message.agency,
        kind=SuppressionKind.DOMAIN,
        values=[message.recipient_domain],
        reason=SuppressionReason.MANUAL,
        source="test",
    )


STOPS = [
    pytest.param(reply_to, StopReason.REPLIED, id="reply"),
    pytest.param(unsubscribe, StopReason.UNSUBSCRIBED, id="unsubscribe"),
    pytest.param(complain, StopReason.COMPLAINED, id="complaint"),
    pytest.param(bounce, StopReason.BOUNCED, id="bounce"),
    pytest.param(suppress_address, StopReason.BLOCKED, id="suppressed address"),
    pytest.param(suppress_domain, StopReason.BLOCKED, id="suppressed domain"),
]


@pytest.fixture
def first_sent(lawful: Agency, mailbox: Mailbox) -> Any:
    """The first e-mail of a sequence, sent over SMTP."""
    running(lawful, mailbox)
    compose_due()
    send_due()
    return Message.objects.get()


def make_due() -> None:
    Enrolment.objects.update(due_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


# Sent ---------------------------------------------------------------------------------------


def test_sending_moves_the_enrolment_to_its_next_step(first_sent: Message):
    enrolment: Any = Enrolment.objects.get()

    assert enrolment.status == EnrolmentStatus.ACTIVE
    assert enrolment.next_step == 2
    assert enrolment.first_sent_at == enrolment.last_sent_at == first_sent.sent_at
    assert enrolment.due_at == first_sent.sent_at + dt.timedelta(days=3)
    assert enrolment.thread == first_sent.thread


def test_sending_makes_the_lead_contacted(first_sent: Message):
    assert Enrolment.objects.get().lead.status == LeadStatus.CONTACTED


def test_sending_tells_the_leads_timeline(first_sent: Message):
    assert LeadEvent.objects.filter(kind="sent").count() == 1


def test_a_follow_up_answers_in_the_same_thread(first_sent: Message):
    make_due()

    compose_due()

    second = Message.objects.exclude(pk=first_sent.pk).get()
    assert second.subject == f"Re: {first_sent.subject}"
    assert second.in_reply_to == first_sent.message_id
    assert (second.thread, second.mailbox) == (first_sent.thread, first_sent.mailbox)


def test_the_last_step_completes_after_its_grace(lawful: Agency, mailbox: Mailbox):
    campaign = running(lawful, mailbox, texts=["Only one."])
    compose_due()
    send_due()
    now = enrolment_of(campaign).due_at

    complete_finished(now - dt.timedelta(seconds=1))
    assert enrolment_of(campaign).status == EnrolmentStatus.ACTIVE

    complete_finished(now)
    campaign.refresh_from_db()
    assert enrolment_of(campaign).stop_reason == StopReason.COMPLETED
    assert campaign.status == "completed"


# Stopped ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stop", "reason"), STOPS)
def test_nothing_is_composed_after_a_stop(first_sent: Message, stop: Callable, reason: str):
    make_due()

    stop(first_sent)
    compose_due()

    enrolment = Enrolment.objects.get()
    assert (enrolment.status, enrolment.stop_reason) == (EnrolmentStatus.FINISHED, reason)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("status", [MessageStatus.QUEUED, MessageStatus.CLAIMED])
@pytest.mark.parametrize(("stop", "reason"), STOPS)
def test_a_stop_cancels_what_is_on_its_way(
    first_sent: Message, stop: Callable, reason: str, status: str
):
    make_due()
    compose_due()
    second = Message.objects.exclude(pk=first_sent.pk)
    second.update(status=status)

    stop(first_sent)

    assert second.get().status == MessageStatus.CANCELLED


@pytest.mark.parametrize(("stop", "reason"), STOPS)
def test_a_stop_reaches_every_campaign_of_the_agency(
    lawful: Agency, first_sent: Message, stop: Callable, reason: str
):
    other = running(lawful, first_sent.mailbox, people=0)
    lead = Enrolment.objects.get().lead
    Enrolment.objects.create(agency=lawful, campaign=other, lead=lead, due_at=first_sent.sent_at)
    compose_due()

    stop(first_sent)

    assert set(Enrolment.objects.values_list("status", flat=True)) == {"finished"}
    assert not Message.objects.filter(status=MessageStatus.QUEUED).exists()


@pytest.mark.parametrize(("stop", "reason"), STOPS)
def test_a_stop_heard_twice_stops_once(first_sent: Message, stop: Callable, reason: str):
    stop(first_sent)
    stop(first_sent)

    assert LeadEvent.objects.filter(kind="stopped").count() == 1


def test_a_stop_stays_inside_the_agency(lawful: Agency, first_sent: Message):
    stranger = MailboxFactory.create()
    theirs = running(stranger.agency, stranger, people=0)
    lead = PersonFactory.create(agency=stranger.agency, email=first_sent.to_address)
    Enrolment.objects.create(agency=stranger.agency, campaign=theirs, lead=lead)

    unsubscribe(first_sent)

    assert enrolment_of(theirs).status == EnrolmentStatus.PENDING


def test_a_reply_stops_the_whole_site_when_the_campaign_says_so(lawful, mailbox):
    campaign = running(lawful, mailbox, people=2, stop_domain_on_reply=True)
    one, two = Enrolment.objects.order_by("pk")
    two.lead.domain = one.lead.domain
    two.lead.save()
    compose_due()
    send_due()

    reply_to(Message.objects.get(to_address=one.lead.email))

    two.refresh_from_db()
    assert campaign.enrolments.filter(status=EnrolmentStatus.FINISHED).count() == 2
    assert two.stop_reason == StopReason.DOMAIN_REPLIED


def test_a_reply_leaves_colleagues_alone_otherwise(lawful, mailbox):
    running(lawful, mailbox, people=2)
    one, two = Enrolment.objects.order_by("pk")
    two.lead.domain = one.lead.domain
    two.lead.save()
    compose_due()
    send_due()

    reply_to(Message.objects.get(to_address=one.lead.email))

    two.refresh_from_db()
    assert two.status == EnrolmentStatus.ACTIVE


def test_a_failed_email_pauses_the_enrolment_until_someone_looks(first_sent: Message):
    make_due()
    compose_due()
    second = Message.objects.exclude(pk=first_sent.pk).get()
    second.last_error = "The server refused it."
    Message.objects.filter(pk=second.pk).update(status=MessageStatus.FAILED)

    message_failed.send(sender=Message, message=second)

    enrolment = Enrolment.objects.get()
    assert enrolment.status == EnrolmentStatus.PAUSED
    assert enrolment.pause_reason == "Could not be sent: The server refused it."


def test_a_refusal_that_lies_with_us_pauses_and_is_retried_once_mended(lawful, box):
    lawful.postal_address = ""
    lawful.save()
    campaign = running(lawful, box)
    compose_due()
    assert enrolment_of(campaign).status == EnrolmentStatus.PAUSED

    lawful.postal_address = "1 Street"
    lawful.save()
    resume_enrolments(Enrolment.objects.all(), agency=lawful)
    compose_due()

    assert Message.objects.filter(status=MessageStatus.QUEUED).count() == 1


def test_a_refusal_that_lies_with_the_recipient_finishes_the_enrolment(lawful, box):
    campaign = running(lawful, box)
    lead = enrolment_of(campaign).lead
    lead.country = "DE"
    lead.save()

    compose_due()

    assert enrolment_of(campaign).stop_reason == StopReason.BLOCKED


# By hand ------------------------------------------------------------------------------------


def test_pausing_takes_back_what_is_queued_and_resuming_makes_it_again(lawful, box):
    campaign = running(lawful, box)
    compose_due()
    rows = Enrolment.objects.filter(campaign=campaign)

    pause_enrolments(rows, agency=lawful, reason="by hand")
    assert Message.objects.get().status == MessageStatus.CANCELLED
    compose_due()
    assert Message.objects.count() == 1

    resume_enrolments(rows, agency=lawful)
    compose_due()
    assert Message.objects.filter(status=MessageStatus.QUEUED).count() == 1
    assert StepEmail.objects.get().attempt == 2


def test_removing_finishes_and_takes_back(lawful, box):
    campaign = running(lawful, box)
    compose_due()

    finish_enrolments(Enrolment.objects.all(), agency=lawful, reason=StopReason.REMOVED)

    assert enrolment_of(campaign).stop_reason == StopReason.REMOVED
    assert Message.objects.get().status == MessageStatus.CANCELLED


def test_winning_places_the_lead(lawful: Agency, first_sent: Message, owner: Membership):
    mark_won(Enrolment.objects.all(), agency=lawful, actor=owner.user)

    enrolment = Enrolment.objects.get()
    assert (enrolment.stop_reason, enrolment.lead.status) == ("won", LeadStatus.PLACED)


def test_an_email_cancelled_in_the_outbox_waits_for_a_person(lawful, box):
    campaign = running(lawful, box)
    compose_due()
    cancel_messages(agency=lawful, reason="by hand", campaign_key=f"campaign:{campaign.pk}")

    complete_finished(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

    assert enrolment_of(campaign).status == EnrolmentStatus.PAUSED


def test_recalling_a_campaign_lets_it_be_composed_again(lawful, box):
    campaign = running(lawful, box)
    compose_due()

    recall_campaign(campaign_id=campaign.pk, agency=lawful, reason="Content changed.")
    Campaign.objects.update(content_version=2, approved_version=2)
    compose_due()

    queued = Message.objects.get(status=MessageStatus.QUEUED)
    assert queued.idempotency_key.endswith(":step:1:v2:try2")


FORBIDDEN = [
    (old, new)
    for old in EnrolmentStatus
    for new in EnrolmentStatus
    if new not in ENROLMENT_MOVES[old]
]


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_an_enrolment_makes_no_forbidden_move(lawful, box, old, new):
    campaign = running(lawful, box)
    Enrolment.objects.update(status=old)

    assert move_enrolments(Enrolment.objects.all(), new) == []
    assert enrolment_of(campaign).status == old


def test_deleting_a_lead_takes_back_what_is_queued(lawful, box):
    campaign = running(lawful, box)
    compose_due()
    lead = enrolment_of(campaign).lead

    leads_deleting.send(sender=Lead, agency=lawful, lead_ids=[lead.pk], addresses=[lead.email])

    assert Message.objects.get().status == MessageStatus.CANCELLED
