"""Stopped while it is handed over: it goes out once if the server takes it, or not at all."""

import pytest

from mailer.enums import MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.claims import claim_messages, give_back, hand_over
from mailer.services.leases import Lease, end_lease, take_lease
from mailer.services.mailbox_pass import MailboxPass
from mailer.services.outbox import cancel_messages
from mailer.services.sending import send_due
from mailer.signals import message_recalled
from mailer.wire import build_mail
from tests.factories.compliance import SuppressionFactory
from tests.mailer.steps import NOW, queue, slots_used, status_of, suppress_address
from tests.servers.smtp import SmtpServer


def in_hand(mailbox: Mailbox) -> tuple[Lease, Message]:
    lease = take_lease(mailbox.pk, now=NOW)
    assert lease is not None
    batch, _ = claim_messages(lease, now=NOW, size=1)
    return lease, batch[0]


def test_a_lost_line_does_not_bring_back_what_was_stopped_meanwhile(mailbox: Mailbox):
    message = queue(mailbox)
    lease, _ = in_hand(mailbox)
    assert hand_over(lease, message, now=NOW, next_send_at=None)
    heard = []

    def listen(**facts):
        heard.append(facts["message"])

    message_recalled.connect(listen)
    cancel_messages(agency=message.agency, reason="They replied.", message_ids=[message.pk])
    assert status_of(message) == MessageStatus.HANDING_OVER
    give_back(lease, unsent=message, reason="The line was lost.")

    assert status_of(message) == MessageStatus.CANCELLED
    assert message.last_error == "They replied."
    assert slots_used() == 0
    assert heard == [message]


@pytest.mark.parametrize(
    ("answer", "status"),
    [("451 4.7.1 later", MessageStatus.CANCELLED), ("", MessageStatus.SENT)],
)
def test_the_servers_answer_decides_on_what_was_refused_in_the_last_moment(
    mailbox: Mailbox, smtp: SmtpServer, answer: str, status: str
):
    message = queue(mailbox)
    smtp.answers["data"][message.to_address] = answer
    lease, _ = in_hand(mailbox)
    hand_over(lease, message, now=NOW, next_send_at=None)
    suppress_address(message)
    # What the worker does next, with the status as the refusal left it.
    message.refresh_from_db()
    work = MailboxPass(lease, clock=lambda: NOW)
    mail = build_mail(message, now=NOW)
    work._offer(mailbox, mail)
    work._deliver(message, mail)
    assert work.connection is not None
    work.connection.close()

    assert status_of(message) == status


def test_a_refusal_the_claim_could_not_see_is_seen_at_the_gate(mailbox: Mailbox):
    message = queue(mailbox)
    lease, _ = in_hand(mailbox)
    # As by a transaction that looked for waiting e-mail before this one was queued.
    SuppressionFactory.create(agency=message.agency, value=message.to_address)

    assert not hand_over(lease, message, now=NOW, next_send_at=None)
    assert status_of(message) == MessageStatus.CLAIMED
    give_back(lease)
    end_lease(lease)
    send_due(now=NOW)

    assert status_of(message) == MessageStatus.BLOCKED
