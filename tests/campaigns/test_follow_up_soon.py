"""Follow-ups a day after: neither 23-hour nights nor equal subjects make duplicates."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from campaigns.models import Campaign, Enrolment, SequenceStep
from campaigns.services.compose import compose_due
from mailer.enums import MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.claims import give_back
from mailer.services.leases import Lease
from mailer.services.outbox import cancel_messages
from mailer.services.sending import send_due
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.factories.outreach import running
from tests.servers.smtp import smtp_running

BERLIN = ZoneInfo("Europe/Berlin")
# The clocks go forward in the night to the 29th: from one ten o'clock to the next 23 hours.
EVE = dt.datetime(2026, 3, 28, 10, tzinfo=BERLIN)
DAY = dt.timedelta(days=1)


@pytest.fixture
def mailbox(db: None):
    agency = AgencyFactory.create(time_zone="Europe/Berlin")
    AssessmentFactory.create(agency=agency)
    with smtp_running() as server:
        yield MailboxFactory.create(agency=agency, smtp_port=server.port)


def campaign_of(mailbox: Mailbox, **changes: object) -> Campaign:
    texts = ["Hello.", "Any news?", "A last word."]
    campaign = running(mailbox.agency, mailbox, texts=texts, time_zone="Europe/Berlin")
    SequenceStep.objects.filter(campaign=campaign, order__gt=1).update(**{"wait": 1} | changes)
    return campaign


def go_on(start: dt.datetime, days: int) -> None:
    for day in range(days):
        with time_machine.travel(start + day * DAY, tick=False):
            compose_due()
            send_due()


def test_the_day_after_goes_out_after_a_night_of_23_hours(mailbox: Mailbox):
    campaign_of(mailbox)
    Enrolment.objects.update(due_at=EVE - DAY)

    go_on(EVE - DAY, 3)

    last_two = Message.objects.order_by("pk")[1:]
    assert {message.status for message in Message.objects.all()} == {MessageStatus.SENT}
    assert len({message.subject for message in last_two}) == 1
    times = [message.sent_at or EVE for message in last_two]
    assert times[1] - times[0] == dt.timedelta(hours=23)


def test_a_follow_up_with_the_same_subject_but_other_words_is_no_duplicate(mailbox: Mailbox):
    campaign = campaign_of(mailbox, thread_mode="new")
    first, second = campaign.steps.order_by("order")[:2]
    second.variants.update(subject=first.variants.get().subject)
    Enrolment.objects.update(due_at=EVE)

    go_on(EVE, 2)

    found = list(Message.objects.order_by("pk").values_list("status", flat=True))
    assert found == [MessageStatus.SENT, MessageStatus.SENT]


def test_the_same_words_again_the_same_day_are_a_duplicate(mailbox: Mailbox):
    campaign = campaign_of(mailbox, thread_mode="new", wait=0)
    first, second = campaign.steps.order_by("order")[:2]
    second.variants.update(subject=first.variants.get().subject, body="Hello.")
    Enrolment.objects.update(due_at=EVE)

    with time_machine.travel(EVE, tick=False):
        for _ in range(2):
            compose_due()
            send_due()

    found = list(Message.objects.order_by("pk").values_list("status", flat=True))
    assert found == [MessageStatus.SENT, MessageStatus.BLOCKED]


def test_what_came_back_unsent_after_a_change_is_written_anew(mailbox: Mailbox):
    campaign_of(mailbox)
    compose_due()
    message = Message.objects.get()
    Message.objects.update(status=MessageStatus.HANDING_OVER, claimed_by="w", claimed_fence=1)
    cancel_messages(agency=mailbox.agency, reason="Changed.", message_ids=[message.pk])
    give_back(Lease(mailbox.pk, "w", 1), unsent=message)
    compose_due()

    found = list(Message.objects.order_by("pk").values_list("status", flat=True))
    assert found == [MessageStatus.CANCELLED, MessageStatus.QUEUED]
