"""Uncertain messages: found in Sent means sent, not found proves nothing."""

import pytest
from django.utils import timezone

from mailer.enums import MessageStatus
from mailer.models import Mailbox, Message
from mailer.sandbox import PASSWORD
from mailer.services.outbox import queue_messages
from mailer.services.probing import probe_mailbox
from mailer.services.sending import reconcile_uncertain, send_due
from mailer.services.uncertain import confirm_sent, give_up, send_again
from mailer.signals import messages_sent
from tests.factories.mailer import MailboxFactory, draft
from tests.mailer.steps import queue, slots_used, status_of
from tests.servers.sandbox import sandbox_running

MAYA = "maya@agency.example"


@pytest.fixture
def sandbox_mailbox(lawful_agency, settings, tmp_path):
    settings.SANDBOX_DIR = tmp_path
    with sandbox_running() as (smtp_port, imap_port):
        yield MailboxFactory.create(
            agency=lawful_agency,
            address=MAYA,
            smtp_port=smtp_port,
            smtp_username=MAYA,
            smtp_password=PASSWORD,
            imap_host="127.0.0.1",
            imap_port=imap_port,
            imap_security="none",
        )


def made_uncertain(mailbox: Mailbox) -> Message:
    """Send one and forget the answer, as a worker does that dies after DATA."""
    (message,) = queue_messages([draft(mailbox)])
    send_due()
    Message.objects.filter(pk=message.pk).update(
        status=MessageStatus.UNCERTAIN,
        sent_at=None,
        smtp_reply="",
        announced=False,
        claimed_at=timezone.now(),
    )
    return message


def test_what_lies_in_sent_was_sent(sandbox_mailbox: Mailbox):
    message = made_uncertain(sandbox_mailbox)

    assert [reconcile_uncertain(), reconcile_uncertain()] == [1, 0]

    message.refresh_from_db()
    assert message.status == MessageStatus.SENT
    assert "Found in the mailbox's Sent folder" in message.smtp_reply
    assert message.announced


def test_what_does_not_lie_in_sent_stays_uncertain(sandbox_mailbox: Mailbox):
    message = made_uncertain(sandbox_mailbox)
    Message.objects.update(message_id="<never-sent@agency.example>")

    assert reconcile_uncertain() == 0

    message.refresh_from_db()
    assert message.status == MessageStatus.UNCERTAIN


def test_a_closed_sent_folder_changes_nothing(sandbox_mailbox: Mailbox):
    made_uncertain(sandbox_mailbox)
    Mailbox.objects.update(imap_password="wrong", smtp_password="wrong")

    assert reconcile_uncertain() == 0


def test_confirm_sent_announces_once(sandbox_mailbox: Mailbox):
    message = made_uncertain(sandbox_mailbox)
    heard: list[Message] = []

    def listen(**facts):
        heard.extend(facts["messages"])

    messages_sent.connect(listen)
    moved = [
        confirm_sent([message], evidence="A reply arrived.", now=timezone.now()) for _ in range(2)
    ]

    assert moved == [1, 0]
    assert heard == [message]


def test_probe_of_a_good_mailbox_is_good_throughout(sandbox_mailbox: Mailbox):
    probe = probe_mailbox(sandbox_mailbox)

    assert probe.ok
    assert [step.name for step in probe.imap] == [
        "Find the server",
        "Connect",
        "Log in",
        "Open the folder",
        "Find sent mail",
    ]


def test_sending_again_keeps_the_slots_of_the_first_try(mailbox: Mailbox, smtp):
    message = queue(mailbox)
    smtp.answers["data"][message.to_address] = ["keep"]
    send_due()
    first = slots_used()

    send_again(Message.objects.get(pk=message.pk))

    assert slots_used() == first > 0
    send_due()
    assert status_of(message) == MessageStatus.SENT
    assert slots_used() == 2 * first
    assert len(message.spent) == len(message.reservations)


def test_a_person_may_say_that_it_did_not_arrive(mailbox: Mailbox, smtp, heard):
    message = queue(mailbox)
    smtp.answers["data"][message.to_address] = ["drop"]
    send_due()
    used = slots_used()

    told = [give_up(message, words="Ann asked them.", now=timezone.now()) for _ in range(2)]

    assert told == [True, False]
    assert status_of(message) == MessageStatus.FAILED
    assert message.last_error == "Ann asked them."
    assert slots_used() == used > 0
    assert ("failed", message) in heard
