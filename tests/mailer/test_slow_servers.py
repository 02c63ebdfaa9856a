"""Slow mail servers beside prompt ones, through real threads and real servers."""

import pytest

from mailer.models import Mailbox
from mailer.services import reading, sending
from mailer.services.sending import due_mailboxes, send_due
from tests.factories.mailer import MailboxFactory
from tests.mailer.steps import NOW, queue
from tests.servers.faulty_imap import FaultyImap, faulty_imap
from tests.servers.faulty_smtp import FaultySmtp, faulty_smtp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def lanes(settings):
    """Short patience, and lanes of this test's own."""
    settings.SLOW_AFTER, settings.READ_THREADS = 0.3, 2
    sending._lanes.cache_clear()
    reading._lanes.cache_clear()
    yield
    sending._lanes.cache_clear()
    reading._lanes.cache_clear()


def test_tarpits_do_not_hold_up_the_others(mailbox, smtp):
    with faulty_smtp(FaultySmtp(faults={"banner": "silent"})) as tarpit:
        boxes = [
            MailboxFactory.create(agency=mailbox.agency, smtp_port=tarpit.port) for _ in range(2)
        ]
        for box in [*boxes, mailbox, mailbox, mailbox]:
            queue(box)

        report = send_due(threads=2)
        going_on = [box.pk for box in boxes if Mailbox.objects.get(pk=box.pk).lease_owner]

    sending._lanes(2)._pool.shutdown()
    assert (report.sent, len(smtp.received)) == (3, 3)
    assert going_on == [box.pk for box in boxes]
    assert Mailbox.objects.filter(slow_until__isnull=False).count() == 2


def test_a_mailbox_in_trouble_starts_in_the_slow_lane(mailbox):
    queue(mailbox, due_at=NOW)
    prompt = due_mailboxes(NOW)[0].slow
    Mailbox.objects.update(status="failing", retry_at=NOW)

    assert (prompt, due_mailboxes(NOW)[0].slow) == (False, True)


def test_a_slow_reading_server_does_not_hold_up_the_others(agency):
    with (
        faulty_imap(FaultyImap(faults={"greeting": "silent"})) as tarpit,
        faulty_imap(FaultyImap()) as prompt,
    ):
        boxes = [
            MailboxFactory.create(
                agency=agency,
                imap_host="127.0.0.1",
                imap_port=server.port,
                imap_security="none",
                imap_username="ann",
                imap_password="secret",
            )
            for server in (tarpit, tarpit, prompt)
        ]
        ended = reading.read_mailboxes([box.pk for box in boxes])

    reading._lanes()._pool.shutdown()
    assert ended == 1
    assert Mailbox.objects.get(last_read_at__isnull=False) == boxes[2]
    assert Mailbox.objects.filter(read_slow_until__isnull=False).count() == 2
