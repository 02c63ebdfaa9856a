"""What is lost or stopped between the queue and the server, and what is left behind."""

import datetime as dt
import threading

import pytest
from django.db import connections

from compliance.models import SendCounter
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.leases import new_owner
from mailer.services.mailboxes import pause_mailbox
from mailer.services.outbox import cancel_messages, hold_messages, queue_messages
from mailer.services.sending import reap, send_due, send_mailbox
from tests.factories.mailer import MailboxFactory, MessageFactory, draft
from tests.mailer.steps import NOW, queue, slots_used, status_of, suppress_address
from tests.servers.smtp import SmtpServer

# Lost on the way --------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["mail", "rcpt"])
def test_a_line_lost_before_data_leaves_it_queued(mailbox, smtp: SmtpServer, step):
    message = queue(mailbox)
    key = mailbox.address if step == "mail" else message.to_address
    smtp.answers[step][key] = "drop"

    send_due()

    assert status_of(message) == MessageStatus.QUEUED
    assert slots_used() == 0


@pytest.mark.parametrize("answer", ["keep", "drop"])
def test_a_line_lost_after_the_content_leaves_it_uncertain(mailbox, smtp, answer):
    message, other = queue(mailbox), queue(mailbox)
    smtp.answers["data"][message.to_address] = answer

    for _ in range(3):
        send_due()
        reap()

    assert status_of(message) == MessageStatus.UNCERTAIN
    assert smtp.commands.count(f"DATA {message.to_address}") == 1
    assert status_of(other) == MessageStatus.SENT


def test_an_uncertain_message_keeps_its_slots(mailbox: Mailbox, smtp: SmtpServer):
    message = queue(mailbox)
    smtp.answers["data"][message.to_address] = "keep"

    send_due()

    assert slots_used() == SendCounter.objects.count() > 0


# Stopped on the way -----------------------------------------------------------------------


def test_a_suppression_between_queueing_and_sending_stops_it(mailbox, smtp: SmtpServer):
    message = queue(mailbox)
    suppress_address(message)

    send_due()

    assert status_of(message) == MessageStatus.CANCELLED
    assert smtp.commands == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (suppress_address, MessageStatus.CANCELLED),
        (
            lambda m: cancel_messages(agency=m.agency, reason="x", message_ids=[m.pk]),
            MessageStatus.CANCELLED,
        ),
        (lambda m: hold_messages(agency=m.agency, campaign_key="campaign-1"), "queued"),
        (lambda m: pause_mailbox(Mailbox.objects.get(pk=m.mailbox_id), reason="x"), "queued"),
    ],
    ids=["suppression", "cancel", "campaign paused", "mailbox paused"],
)
def test_what_stops_between_claim_and_hand_over_wins(mailbox, smtp: SmtpServer, stop, status):
    message = queue(mailbox)
    smtp.on_rcpt = lambda _: in_own_connection(stop, message)

    send_due()

    assert status_of(message) == status
    assert smtp.received == []
    assert not any(command.startswith("DATA") for command in smtp.commands)
    assert slots_used() == 0


def in_own_connection(stop, message: Message) -> None:
    """Act as another process would: on a connection of its own, finished before we go on."""

    def act() -> None:
        stop(message)
        connections.close_all()

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_worker_with_an_outdated_fence_does_not_send(mailbox: Mailbox, smtp: SmtpServer):
    message = queue(mailbox)
    smtp.on_rcpt = lambda _: in_own_connection(
        lambda m: Mailbox.objects.filter(pk=m.mailbox_id).update(fence=99), message
    )

    send_due()
    Mailbox.objects.update(lease_until=None)
    reap()

    assert smtp.received == []
    assert status_of(message) == MessageStatus.QUEUED


def test_a_mailbox_on_lease_is_left_alone(mailbox: Mailbox, smtp: SmtpServer):
    queue(mailbox)
    soon = NOW + dt.timedelta(minutes=9)
    Mailbox.objects.update(lease_owner="elsewhere:1:1:x", lease_until=soon, fence=7)

    assert send_mailbox(mailbox.pk, now=NOW).sent == 0
    assert send_mailbox(mailbox.pk, now=NOW + dt.timedelta(days=3650)).sent == 1


# Left behind ------------------------------------------------------------------------------


def left_behind(mailbox: Mailbox, status: str) -> Message:
    Mailbox.objects.update(lease_owner="elsewhere:1:1:x", lease_until=NOW, fence=7)
    return MessageFactory.create(
        mailbox=mailbox,
        status=status,
        claimed_by="elsewhere:1:1:x",
        claimed_at=NOW,
        claimed_fence=7,
        due_at=NOW,
        next_attempt_at=NOW,
    )


@pytest.mark.parametrize(
    ("status", "after"),
    [
        (MessageStatus.CLAIMED, MessageStatus.QUEUED),
        (MessageStatus.HANDING_OVER, MessageStatus.UNCERTAIN),
    ],
)
def test_reap_settles_what_an_expired_lease_left(mailbox: Mailbox, status, after):
    message = left_behind(mailbox, status)

    reap(NOW - dt.timedelta(seconds=1))
    before = status_of(message)
    reap(NOW + dt.timedelta(seconds=1))
    reap(NOW + dt.timedelta(seconds=2))

    assert (before, status_of(message)) == (status, after)


def test_reap_knows_a_dead_worker_of_this_machine(mailbox: Mailbox):
    machine, _, started, rest = new_owner().split(":")
    dead = f"{machine}:4194304:{started}:{rest}"
    message = left_behind(mailbox, MessageStatus.CLAIMED)
    Message.objects.update(claimed_by=dead)
    Mailbox.objects.update(lease_owner=dead, lease_until=NOW + dt.timedelta(hours=1))

    report = reap(NOW)

    assert (report.leases, report.returned) == (1, 1)
    assert status_of(message) == MessageStatus.QUEUED


# Bounce rate ------------------------------------------------------------------------------


def test_too_many_bounces_pause_the_mailbox(mailbox: Mailbox, smtp: SmtpServer):
    messages = queue_messages([draft(mailbox) for _ in range(25)])
    for message in messages[:2]:
        smtp.answers["rcpt"][message.to_address] = "550 5.1.1 No such user"
    for message in messages[20:21]:
        smtp.answers["rcpt"][message.to_address] = "550 5.1.1 No such user"

    send_due()

    mailbox.refresh_from_db()
    assert mailbox.status == MailboxStatus.PAUSED
    assert "bounced" in mailbox.status_reason
    assert Message.objects.filter(status=MessageStatus.QUEUED).exists()


def test_a_message_that_cannot_be_built_fails_and_holds_up_nobody(mailbox, smtp: SmtpServer):
    odd, good = queue(mailbox), queue(mailbox)
    Message.objects.filter(pk=odd.pk).update(message_id="<x>\r\nBcc: all@site.example")

    send_due()

    assert (status_of(odd), status_of(good)) == (MessageStatus.FAILED, MessageStatus.SENT)
    assert "malformed" in odd.last_error


def test_a_pass_that_breaks_leaves_the_other_mailboxes_alone(mailbox, smtp: SmtpServer):
    broken = MailboxFactory.create(agency=mailbox.agency, smtp_port=smtp.port)
    lost, good = queue(broken), queue(mailbox)
    Message.objects.filter(pk=lost.pk).update(window={"days": "nonsense"})

    send_due()

    assert (status_of(lost), status_of(good)) == (MessageStatus.QUEUED, MessageStatus.SENT)
