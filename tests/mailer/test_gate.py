"""A refusal that takes its time: nobody hands over to them between its look and its commit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from mailer.enums import MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.claims import claim_messages, hand_over
from mailer.services.leases import take_lease
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.mailer.steps import NOW, queue, status_of, suppress_address

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def mailbox() -> Mailbox:
    agency = AgencyFactory.create()
    AssessmentFactory.create(agency=agency)
    return MailboxFactory.create(agency=agency)


@contextmanager
def refusing(message: Message) -> Iterator[threading.Event]:
    """Suppress the address in a transaction that commits when the event yielded is set."""
    refused, commit = threading.Event(), threading.Event()

    def refuse() -> None:
        try:
            with transaction.atomic():
                suppress_address(message)
                refused.set()
                commit.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=refuse)
    thread.start()
    assert refused.wait(20)
    try:
        yield commit
    finally:
        commit.set()
        thread.join()


def test_what_was_queued_behind_a_refusals_back_is_not_handed_over(mailbox: Mailbox):
    first = queue(mailbox, to_address="editor@site.example")
    Message.objects.all().delete()

    with refusing(first) as commit:
        # The refusal looked for waiting e-mails before this one was queued and claimed.
        late = queue(mailbox, to_address="editor@site.example")
        lease = take_lease(mailbox.pk, now=NOW)
        assert lease is not None
        claim_messages(lease, now=late.next_attempt_at, size=1)
        threading.Timer(0.3, commit.set).start()
        handed = hand_over(lease, late, now=NOW, next_send_at=None)

    assert not handed
    assert status_of(late) == MessageStatus.CLAIMED


def test_a_refusal_of_another_agency_holds_nobody_up(mailbox: Mailbox):
    other = AgencyFactory.create()
    theirs = MailboxFactory.create(agency=other)
    assert theirs.pk % 64 != mailbox.pk % 64
    refused = queue(theirs)
    message = queue(mailbox)

    with refusing(refused):
        lease = take_lease(mailbox.pk, now=message.next_attempt_at)
        assert lease is not None
        claim_messages(lease, now=message.next_attempt_at, size=1)
        handed = hand_over(lease, message, now=message.next_attempt_at, next_send_at=None)

    assert handed
