"""Out of office: the sequence waits for the return and goes on by itself."""

import datetime as dt

import pytest
import time_machine

from campaigns.enums import EnrolmentStatus
from campaigns.models import Enrolment
from campaigns.services.compose import compose_due
from campaigns.services.stops import pause_enrolments, resume_due
from mailer.enums import InboundKind, MessageStatus
from mailer.models import InboundMessage, Message
from mailer.signals import out_of_office_received
from tests.factories.outreach import enrolment_of, running


def away(message: Message, back_on: dt.date | None) -> None:
    inbound = InboundMessage.objects.create(
        agency=message.agency,
        mailbox=message.mailbox,
        message_id="<away@x.example>",
        kind=InboundKind.OUT_OF_OFFICE,
        from_address=message.to_address,
        original=message,
    )
    out_of_office_received.send(
        sender=InboundMessage, inbound=inbound, message=message, return_date=back_on
    )


@pytest.mark.parametrize(
    ("back_on", "until"),
    [
        pytest.param(dt.date(2026, 11, 25), "2026-11-26T00:00+00:00", id="midweek"),
        pytest.param(dt.date(2026, 11, 27), "2026-11-30T00:00+00:00", id="over a weekend"),
        pytest.param(None, "2026-11-23T00:00+00:00", id="no date"),
        pytest.param(dt.date(2026, 11, 2), "2026-11-23T00:00+00:00", id="a date gone by"),
    ],
)
def test_out_of_office_pauses_until_a_business_day_after_the_return(lawful, box, back_on, until):
    with time_machine.travel(dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC), tick=False):
        campaign = running(lawful, box)
        compose_due()

        away(Message.objects.get(), back_on)

        enrolment = enrolment_of(campaign)
        assert enrolment.status == EnrolmentStatus.PAUSED
        assert enrolment.paused_until == dt.datetime.fromisoformat(until)
        assert Message.objects.get().status == MessageStatus.CANCELLED


def test_the_clock_resumes_who_is_back_once(lawful, box):
    with time_machine.travel(dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC), tick=False):
        campaign = running(lawful, box)
        compose_due()
        away(Message.objects.get(), dt.date(2026, 11, 25))
    back = enrolment_of(campaign).paused_until

    assert resume_due(back - dt.timedelta(seconds=1)) == 0
    assert resume_due(back) == 1
    assert resume_due(back) == 0
    assert enrolment_of(campaign).status == EnrolmentStatus.ACTIVE


def test_a_pause_by_hand_is_not_ended_by_the_clock(lawful, box):
    running(lawful, box)
    pause_enrolments(Enrolment.objects.all(), agency=lawful, reason="by hand")

    assert resume_due(dt.datetime(2099, 1, 1, tzinfo=dt.UTC)) == 0
