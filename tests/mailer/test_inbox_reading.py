"""Reading a mailbox over IMAP from a real server, whatever it does."""

import pytest
from django.utils import timezone

from mailer import tasks
from mailer.models import InboundMessage, SetAsideMail
from mailer.services import inbox, reading
from mailer.services.reading import read_inboxes, read_mailbox
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.mailer.mails import mail_from
from tests.servers.imap import PASSWORD, USER, imap_running

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    with imap_running() as found:
        yield found


@pytest.fixture
def imap(server):
    server.renumber()
    uids = server._run(lambda: _uids(server))
    server.remove(*uids)
    yield server
    server.cut_after = None


async def _uids(server):
    return [message.uid async for message in (await server._box("INBOX")).messages()]


@pytest.fixture
def mailbox(agency, imap):
    return MailboxFactory.create(
        agency=agency,
        address=USER,
        imap_host="127.0.0.1",
        imap_port=imap.port,
        imap_security="none",
        imap_username=USER,
        imap_password=PASSWORD,
    )


@pytest.fixture
def sent(mailbox):
    return MessageFactory.create(mailbox=mailbox, sent=True, to_address="editor@site.example")


def stored():
    return InboundMessage.objects.count()


def test_reading_twice_stores_once(mailbox, sent, imap):
    imap.deliver(
        mail_from(answers=sent), mail_from("stranger@nowhere.example", subject="Your invoice")
    )

    first, second = read_mailbox(mailbox.pk), read_mailbox(mailbox.pk)

    assert (first.seen, first.stored, second.seen, stored()) == (2, 1, 0, 1)
    mailbox.refresh_from_db()
    assert (mailbox.last_read_error, mailbox.read_lease_owner) == ("", "")
    assert mailbox.last_read_at is not None


def test_reading_marks_nothing_seen(mailbox, sent, imap):
    imap.deliver(mail_from(answers=sent))
    read_mailbox(mailbox.pk)

    assert imap.flags() == [frozenset()]


def test_reading_goes_on_where_it_stopped(mailbox, sent, imap):
    imap.deliver(mail_from(answers=sent))
    read_mailbox(mailbox.pk)
    imap.deliver(mail_from(answers=sent))

    assert read_mailbox(mailbox.pk).seen == 1


def test_new_uidvalidity_reads_again_and_stores_nothing_twice(mailbox, sent, imap):
    imap.deliver(*[mail_from(answers=sent) for _ in range(3)])
    read_mailbox(mailbox.pk)
    imap.renumber()
    imap.deliver(mail_from(answers=sent))

    report = read_mailbox(mailbox.pk)

    assert (report.seen, report.stored, stored()) == (4, 1, 4)


def test_gap_of_uids_is_no_obstacle(mailbox, sent, imap):
    uids = imap.deliver(*[mail_from(answers=sent) for _ in range(4)])
    imap.remove(uids[1], uids[3])

    assert read_mailbox(mailbox.pk).stored == 2
    assert read_mailbox(mailbox.pk).seen == 0


@pytest.mark.parametrize("cut", [20, 200, 500, 900, 1300, 2500, 6000])
def test_cut_line_loses_and_doubles_nothing(mailbox, sent, imap, cut):
    mails = [mail_from(answers=sent, text=f"Answer {n}\n" + "word " * 50) for n in range(6)]
    imap.deliver(*mails)
    imap.cut_after = cut

    broken = read_mailbox(mailbox.pk)
    imap.cut_after = None
    read_mailbox(mailbox.pk, asked=True)

    assert broken.error != "" or stored() == 6
    assert stored() == 6


def test_many_mails_are_read_in_few_queries(mailbox, sent, imap, django_assert_max_num_queries):
    imap.deliver(
        *[mail_from("stranger@nowhere.example", subject="Your invoice") for _ in range(20)]
    )

    with django_assert_max_num_queries(25):
        assert read_mailbox(mailbox.pk).seen == 20


def test_poison_mail_is_set_aside_after_three_tries(mailbox, sent, imap, monkeypatch):
    bad = mail_from(answers=sent, text="poison")
    imap.deliver(bad, mail_from(answers=sent))
    genuine = inbox.take_in_reading

    def refuse(mailbox, read, **rest):
        if "poison" in read.text:
            raise ValueError("cannot digest this")
        return genuine(mailbox, read, **rest)

    monkeypatch.setattr(inbox, "take_in_reading", refuse)
    report = read_mailbox(mailbox.pk)

    assert (report.stored, report.set_aside) == (1, 1)
    aside = SetAsideMail.objects.get()
    assert (aside.tries, "cannot digest this" in aside.reason) == (3, True)


def test_wrong_password_is_said_and_not_tried_again_at_once(mailbox, imap):
    mailbox.imap_password = "wrong"
    mailbox.save()

    report = read_mailbox(mailbox.pk)

    assert "refused the user name or password" in report.error
    mailbox.refresh_from_db()
    assert mailbox.last_read_error == report.error
    assert read_mailbox(mailbox.pk).busy
    assert not read_mailbox(mailbox.pk, asked=True).busy


def test_missing_folder_is_named(mailbox):
    mailbox.imap_folder = "Leads"
    mailbox.save()

    assert "no folder “Leads”" in read_mailbox(mailbox.pk).error


def test_folder_with_quotes_and_umlauts_is_read(mailbox, sent, imap):
    mailbox.imap_folder = 'Müll & "Rest"'
    mailbox.save()
    imap.deliver(mail_from(answers=sent), folder=mailbox.imap_folder)

    assert read_mailbox(mailbox.pk).stored == 1


def test_dead_server_is_said(mailbox):
    mailbox.imap_port = 1
    mailbox.save()

    assert read_mailbox(mailbox.pk).error.startswith("Nothing answers at 127.0.0.1:1")


def test_mailbox_being_read_is_left_alone(mailbox):
    mailbox.read_lease_owner = "another"
    mailbox.read_lease_until = timezone.now() + reading.LEASE
    mailbox.save()

    assert read_mailbox(mailbox.pk).busy
    assert read_inboxes() == 0


def test_huge_mail_is_read_in_part(mailbox, sent, imap):
    imap.deliver(mail_from(answers=sent, text="Sounds good.\n" + "filler line\n" * 300_000))

    assert read_mailbox(mailbox.pk).stored == 1
    assert InboundMessage.objects.get().new_text.startswith("Sounds good.")


def test_tasks_run_twice_take_each_mail_in_once(mailbox, sent, imap, settings):
    imap.deliver(mail_from(answers=sent))

    for _ in range(2):
        tasks.read_mailbox(mailbox.pk)
        tasks.read_inboxes()

    assert stored() == 1
