"""Sending over a real SMTP server: each answer it can give, and what becomes of the message."""

import datetime as dt
import socket

import pytest

from compliance.models import Suppression
from mailer.enums import EventKind, MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.outbox import hold_messages, queue_messages
from mailer.services.sending import reap, send_due
from mailer.signals import messages_sent
from tests.factories.mailer import MailboxFactory, draft
from tests.mailer.steps import NOW, queue, slots_used, status_of
from tests.servers.smtp import SmtpServer, free_port, smtp_running

# Taken ------------------------------------------------------------------------------------


def test_send_due_sends_and_writes_down_the_servers_answer(mailbox: Mailbox, smtp: SmtpServer):
    message = queue(mailbox)

    report = send_due()

    assert report.sent == 1
    assert status_of(message) == MessageStatus.SENT
    assert message.smtp_reply == "250 2.0.0 taken"
    assert message.sent_at is not None
    assert [one.recipient for one in smtp.received] == [message.to_address]


def test_send_due_twice_sends_once(mailbox: Mailbox, smtp: SmtpServer):
    queue(mailbox)

    send_due()
    send_due()

    assert len(smtp.received) == 1


def test_send_due_keeps_one_connection_for_a_batch(mailbox: Mailbox, smtp: SmtpServer):
    queue_messages([draft(mailbox) for _ in range(30)])

    assert send_due().sent == 30
    assert smtp.connections == 1


def test_send_due_announces_a_batch_at_once(mailbox: Mailbox, heard):
    messages = queue_messages([draft(mailbox) for _ in range(3)])

    send_due()

    assert heard == [("sent", messages)]


def test_send_due_records_an_event_and_the_threads_time(mailbox: Mailbox):
    message = queue(mailbox)

    send_due(now=NOW + dt.timedelta(days=3650))

    message.refresh_from_db()
    assert message.thread is not None
    assert message.thread.last_message_at == message.sent_at
    assert [e.kind for e in message.events.all()] == [EventKind.SENT]


def test_what_a_listener_failed_at_is_announced_again_by_the_reaper(mailbox: Mailbox, heard):
    def broken(**_):
        raise RuntimeError

    messages_sent.connect(broken)
    message = queue(mailbox)

    send_due()
    messages_sent.disconnect(broken)
    heard.clear()
    reap()
    reap()

    assert heard == [("sent", [message])]
    assert status_of(message) == MessageStatus.SENT


def test_send_due_waits_for_the_gap(mailbox: Mailbox, smtp: SmtpServer):
    Mailbox.objects.filter(pk=mailbox.pk).update(gap_seconds=60, gap_jitter_seconds=0)
    queue_messages([draft(mailbox, due_at=NOW) for _ in range(2)], now=NOW)

    sent = [send_due(now=NOW + dt.timedelta(seconds=n)).sent for n in (0, 1, 59, 60, 61)]

    assert sent == [1, 0, 0, 1, 0]


def test_send_due_stops_at_the_daily_cap(mailbox: Mailbox, smtp: SmtpServer):
    Mailbox.objects.filter(pk=mailbox.pk).update(daily_cap=2)
    queue_messages([draft(mailbox, due_at=NOW) for _ in range(5)], now=NOW)

    assert send_due(now=NOW).sent == 2
    assert send_due(now=NOW + dt.timedelta(hours=2)).sent == 0
    assert send_due(now=NOW + dt.timedelta(hours=12)).sent == 2


def test_send_due_ramps_up(mailbox: Mailbox, smtp: SmtpServer):
    Mailbox.objects.filter(pk=mailbox.pk).update(
        ramp_start=1, ramp_step=2, ramp_started_on=NOW.date()
    )
    queue_messages([draft(mailbox, due_at=NOW) for _ in range(9)], now=NOW)

    assert [send_due(now=NOW + dt.timedelta(days=n)).sent for n in (0, 1, 2)] == [1, 3, 5]


def test_send_due_keeps_to_its_limit(mailbox: Mailbox, smtp: SmtpServer):
    queue_messages([draft(mailbox) for _ in range(5)])

    assert send_due(limit=2).sent == 2
    assert Message.objects.filter(status=MessageStatus.QUEUED).count() == 3


def test_send_due_leaves_what_is_not_due(mailbox: Mailbox, smtp: SmtpServer):
    queue(mailbox, due_at=NOW + dt.timedelta(days=1))

    assert send_due(now=NOW).sent == 0


def test_send_due_leaves_what_is_held(mailbox: Mailbox, smtp: SmtpServer):
    queue(mailbox, campaign_key="c1")
    hold_messages(agency=mailbox.agency, campaign_key="c1")

    assert send_due().sent == 0


# Refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_temporary_refusal_is_tried_again_and_sent_once(mailbox, smtp: SmtpServer, step):
    message = queue(mailbox, due_at=NOW)
    smtp.answers[step][message.to_address] = ["451 4.7.1 greylisted"]

    send_due(now=NOW)
    waiting = status_of(message), message.next_attempt_at - NOW, slots_used()
    send_due(now=NOW + dt.timedelta(minutes=4))
    send_due(now=NOW + dt.timedelta(minutes=6))

    assert waiting == (MessageStatus.QUEUED, dt.timedelta(minutes=5), 0)
    assert "greylisted" in Message.objects.get().smtp_reply or status_of(message) == "sent"
    assert status_of(message) == MessageStatus.SENT
    assert len(smtp.received) == 1


def test_five_days_of_temporary_refusals_are_final(mailbox, smtp: SmtpServer, heard):
    message = queue(mailbox, due_at=NOW)
    smtp.answers["rcpt"][message.to_address] = "451 4.7.1 not now"

    at = NOW
    while status_of(message) == MessageStatus.QUEUED:
        at = message.next_attempt_at
        send_due(now=at)

    assert message.status == MessageStatus.FAILED
    assert dt.timedelta(days=4) < at - NOW < dt.timedelta(days=6)
    assert heard == [("failed", message)]


@pytest.mark.parametrize(
    ("answer", "hard"),
    [
        ("550 5.1.1 No such user here", True),
        ("550 user unknown", True),
        ("550 5.7.1 Message refused by policy", False),
        ("552 5.2.2 Mailbox full", False),
    ],
)
def test_a_refused_recipient_is_a_bounce(mailbox, smtp: SmtpServer, heard, answer, hard):
    message = queue(mailbox)
    smtp.answers["rcpt"][message.to_address] = answer

    send_due()
    send_due()

    assert status_of(message) == MessageStatus.FAILED
    assert heard == [("bounced", hard), ("failed", message)]
    assert Suppression.objects.filter(value=message.to_address).exists() is hard
    assert (message.bounced_at is not None) is hard
    assert slots_used() == 0
    assert smtp.commands.count(f"RCPT {message.to_address}") == 1


def test_a_refused_recipient_does_not_hold_up_the_next(mailbox, smtp: SmtpServer):
    first, second = queue(mailbox), queue(mailbox)
    smtp.answers["rcpt"][first.to_address] = "550 5.1.1 No such user"

    send_due()

    assert (status_of(first), status_of(second)) == (MessageStatus.FAILED, MessageStatus.SENT)
    assert smtp.connections == 1


def test_a_refused_content_fails_without_a_bounce(mailbox, smtp: SmtpServer, heard):
    message = queue(mailbox)
    smtp.answers["data"][message.to_address] = "554 5.7.1 Looks like spam"

    send_due()

    assert status_of(message) == MessageStatus.FAILED
    assert heard == [("failed", message)]


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_421_stops_the_mailbox_at_the_first(mailbox: Mailbox, smtp: SmtpServer, step):
    messages = queue_messages([draft(mailbox, due_at=NOW) for _ in range(3)], now=NOW)
    key = mailbox.address if step == "mail" else messages[0].to_address
    smtp.answers[step][key] = ["421 4.7.0 Try again later"]

    send_due(now=NOW)

    mailbox.refresh_from_db()
    assert mailbox.status == MailboxStatus.PAUSED
    assert "Try again later" in mailbox.status_reason
    assert mailbox.retry_at == NOW + dt.timedelta(minutes=5)
    assert {status_of(m) for m in messages} == {MessageStatus.QUEUED}
    assert (len(smtp.received), slots_used()) == (0, 0)


def test_a_failing_mailbox_recovers_by_itself(mailbox: Mailbox, smtp: SmtpServer):
    message = queue(mailbox, due_at=NOW)
    smtp.answers["rcpt"][message.to_address] = ["421 4.7.0 Try again later"]

    send_due(now=NOW)
    early = send_due(now=NOW + dt.timedelta(minutes=4)).sent
    late = send_due(now=NOW + dt.timedelta(minutes=6)).sent

    mailbox.refresh_from_db()
    assert (early, late) == (0, 1)
    assert (mailbox.status, mailbox.failures) == (MailboxStatus.ACTIVE, 0)


def test_a_wrong_password_stops_the_mailbox_at_the_first(lawful_agency):
    with smtp_running(server_with_password()) as server:
        box = MailboxFactory.create(
            agency=lawful_agency, smtp_port=server.port, smtp_username="ann", smtp_password="no"
        )
        messages = queue_messages([draft(box, due_at=NOW) for _ in range(2)], now=NOW)
        for days in range(9):
            send_due(now=NOW + dt.timedelta(days=days))

    box.refresh_from_db()
    assert box.status == MailboxStatus.PAUSED  # three refusals of the password, then a person
    assert "user name or password" in box.status_reason
    assert server.connections == 4
    assert {status_of(m) for m in messages} == {MessageStatus.QUEUED}


def server_with_password() -> SmtpServer:
    server = SmtpServer()
    server.passwords["ann"] = "right"
    return server


def test_the_right_password_is_sent_and_stored_encrypted(lawful_agency):
    with smtp_running(server_with_password()) as server:
        box = MailboxFactory.create(
            agency=lawful_agency, smtp_port=server.port, smtp_username="ann", smtp_password="right"
        )
        queue(box)
        assert send_due().sent == 1

    stored = Mailbox.objects.filter(smtp_password="right")
    assert not stored.exists()


def test_a_server_that_is_away_stops_only_its_mailbox(mailbox: Mailbox, smtp: SmtpServer):
    away = MailboxFactory.create(agency=mailbox.agency, smtp_port=free_port())
    lost, good = queue(away), queue(mailbox)

    send_due()

    away.refresh_from_db()
    assert (status_of(lost), status_of(good)) == (MessageStatus.QUEUED, MessageStatus.SENT)
    assert away.status == MailboxStatus.FAILING
    assert "refused the connection" in away.status_reason


def test_a_silent_server_is_given_up(lawful_agency, settings):
    settings.SMTP_COMMAND_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = MailboxFactory.create(agency=lawful_agency, smtp_port=silent.getsockname()[1])
        message = queue(box)
        send_due()

    box.refresh_from_db()
    assert status_of(message) == MessageStatus.QUEUED
    assert "took too long" in box.status_reason
