"""The outbox: queued once, stopped until handed over."""

import pytest

from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from mailer.enums import MessageStatus
from mailer.headers import HeaderError
from mailer.models import Mailbox, Message, Thread
from mailer.services.outbox import (
    cancel_messages,
    hold_messages,
    queue_messages,
    release_messages,
)
from mailer.signals import message_blocked
from tests.factories.mailer import MessageFactory, draft


def test_queue_messages_keeps_the_order_of_the_drafts(mailbox: Mailbox):
    drafts = [draft(mailbox) for _ in range(3)]

    messages = queue_messages(drafts)

    assert [m.idempotency_key for m in messages] == [d.idempotency_key for d in drafts]


def test_queue_messages_twice_gives_the_same_message(mailbox: Mailbox):
    one = draft(mailbox)

    first, second = queue_messages([one]), queue_messages([one, one])

    assert [m.pk for m in first + second] == [first[0].pk] * 3
    assert (Message.objects.count(), Thread.objects.count()) == (1, 1)


def test_queue_messages_stores_a_message_that_may_go(mailbox: Mailbox):
    (message,) = queue_messages([draft(mailbox)])

    assert message.status == MessageStatus.QUEUED
    assert message.thread is not None
    assert message.decision_id is not None


def test_queue_messages_blocks_and_announces_what_the_policy_refuses(mailbox: Mailbox):
    heard = []
    message_blocked.connect(lambda **facts: heard.append(facts["message"]), weak=False)

    (message,) = queue_messages([draft(mailbox, country="DE")])

    assert message.status == MessageStatus.BLOCKED
    assert "consent" in message.last_error.lower()
    assert heard == [message]


def test_queue_messages_refuses_a_line_break_in_a_header(mailbox: Mailbox):
    with pytest.raises(HeaderError, match="subject contains a line break"):
        queue_messages([draft(mailbox, subject="Hi\r\nBcc: all@site.example")])

    assert not Message.objects.exists()


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\x00b", "a\u2028b", "a\x85b"])
@pytest.mark.parametrize("field", ["subject", "to_name", "to_address", "idempotency_key"])
def test_queue_messages_refuses_control_characters(mailbox: Mailbox, field: str, bad: str):
    with pytest.raises(HeaderError):
        queue_messages([draft(mailbox, **{field: bad})])


def test_an_answer_stays_in_its_thread(mailbox: Mailbox):
    sent = MessageFactory.create(mailbox=mailbox, sent=True, references="<a@b.example>")

    (message,) = queue_messages([draft(mailbox, answers=sent, to_address=sent.to_address)])

    assert message.thread == sent.thread
    assert message.in_reply_to == sent.message_id
    assert message.references == f"<a@b.example> {sent.message_id}"


def test_message_id_follows_from_the_key(mailbox: Mailbox):
    (message,) = queue_messages([draft(mailbox)])
    again = draft(mailbox, idempotency_key=message.idempotency_key)
    message.delete()

    (second,) = queue_messages([again])

    assert second.message_id == message.message_id


@pytest.mark.parametrize("status", [MessageStatus.QUEUED, MessageStatus.CLAIMED])
def test_cancel_messages_stops_what_was_not_handed_over(mailbox: Mailbox, status: str):
    message = MessageFactory.create(mailbox=mailbox, status=status, sequence_key="e1")

    assert cancel_messages(agency=mailbox.agency, reason="Replied.", sequence_keys=["e1"]) == 1

    message.refresh_from_db()
    assert (message.status, message.last_error) == (MessageStatus.CANCELLED, "Replied.")


@pytest.mark.parametrize(
    "status", [MessageStatus.HANDING_OVER, MessageStatus.UNCERTAIN, MessageStatus.FAILED]
)
def test_cancel_messages_leaves_what_was_handed_over(mailbox: Mailbox, status: str):
    MessageFactory.create(mailbox=mailbox, status=status, sequence_key="e1")

    assert cancel_messages(agency=mailbox.agency, reason="x", sequence_keys=["e1"]) == 0


def test_cancel_messages_without_criterion_cancels_nothing(mailbox: Mailbox):
    MessageFactory.create(mailbox=mailbox)

    assert cancel_messages(agency=mailbox.agency, reason="x") == 0


def test_cancel_messages_of_another_agency_does_nothing(mailbox: Mailbox, stranger):
    MessageFactory.create(mailbox=mailbox, sequence_key="e1")

    assert cancel_messages(agency=stranger.agency, reason="x", sequence_keys=["e1"]) == 0


@pytest.mark.parametrize(
    ("domain", "stopped"),
    [("site.example", 3), ("blog.site.example", 2), ("ite.example", 0), ("other.example", 0)],
)
def test_suppressing_a_domain_cancels_what_is_below_it(mailbox: Mailbox, domain, stopped):
    for host in ("site.example", "blog.site.example", "a.blog.site.example"):
        queue_messages([draft(mailbox, to_address=f"ed@{host}")])

    suppress(
        agency=mailbox.agency,
        kind=SuppressionKind.DOMAIN,
        values=[domain],
        reason=SuppressionReason.MANUAL,
    )

    assert Message.objects.filter(status=MessageStatus.CANCELLED).count() == stopped


def test_hold_and_release_messages_of_a_campaign(mailbox: Mailbox):
    mine = [
        MessageFactory.create(mailbox=mailbox, campaign_key="c1", status=status)
        for status in (MessageStatus.QUEUED, MessageStatus.CLAIMED)
    ]
    other = MessageFactory.create(mailbox=mailbox, campaign_key="c2")

    assert hold_messages(agency=mailbox.agency, campaign_key="c1") == 2
    assert set(Message.objects.filter(held=True, status=MessageStatus.QUEUED)) == set(mine)
    assert release_messages(agency=mailbox.agency, campaign_key="c1") == 2
    assert not Message.objects.filter(held=True).exclude(pk=other.pk).exists()
