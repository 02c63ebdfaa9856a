"""A mailbox's trouble: one incident, one alert, and its end."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.enums import Role
from mailer.enums import MailboxStatus, Trouble
from mailer.models import Mailbox, MailboxIncident
from mailer.services.incidents import end_trouble, note_trouble, people_to_tell, tell_incidents
from mailer.services.mailboxes import pause_mailbox, resume_mailbox
from mailer.services.sending import send_due
from mailer.signals import mailbox_recovered, mailbox_stopped
from tests.factories.accounts import MembershipFactory
from tests.factories.mailer import MailboxFactory
from tests.mailer.steps import NOW, queue
from tests.servers.smtp import free_port

pytestmark = pytest.mark.django_db


def trouble(mailbox: Mailbox, kind: Trouble = Trouble.LOGIN, tries: int = 1) -> MailboxIncident:
    return note_trouble(mailbox, kind, reason="535 no", tries=tries, now=NOW)


@pytest.fixture
def box(agency):
    return MailboxFactory.create(agency=agency)


@pytest.fixture
def manager(agency):
    return MembershipFactory.create(agency=agency, role=Role.MANAGER).user


def test_trouble_that_goes_on_is_one_incident(box):
    first, second = trouble(box), trouble(box, tries=2)

    assert first == second
    assert MailboxIncident.objects.get().tries == 2


def test_trouble_after_its_end_is_a_new_incident(box):
    trouble(box)
    end_trouble(box.pk, reading=False, ending="It sent again.", now=NOW)
    trouble(box)

    assert MailboxIncident.objects.count() == 2
    assert MailboxIncident.objects.lasting().count() == 1


def test_sending_and_reading_are_told_apart(box):
    trouble(box)
    trouble(box, Trouble.READ_LOGIN)
    end_trouble(box.pk, reading=False, ending="", now=NOW)

    assert MailboxIncident.objects.lasting().get().reading


def test_owner_and_managers_are_told_once(box, manager, mailoutbox):
    member = MembershipFactory.create(agency=box.agency, role=Role.MEMBER).user
    box.owner = member
    box.save()
    trouble(box)

    tell_incidents()
    trouble(box, tries=2)
    tell_incidents()

    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([member.email, manager.email])
    assert box.address in mailoutbox[0].subject
    assert "535 no" in mailoutbox[0].body
    assert "user name and password" in mailoutbox[0].body


def test_others_are_not_told(box, manager):
    MembershipFactory.create(agency=box.agency, role=Role.MEMBER)
    MembershipFactory.create(role=Role.MANAGER)
    gone = MembershipFactory.create(agency=box.agency, role=Role.MANAGER).user
    gone.is_active = False
    gone.save()

    assert people_to_tell(box) == [manager.email]


def test_a_server_that_is_not_reached_is_told_at_the_second_failure(box, manager, mailoutbox):
    trouble(box, Trouble.CONNECTION)
    tell_incidents()
    before = len(mailoutbox)
    trouble(box, Trouble.CONNECTION, tries=2)
    tell_incidents()

    assert (before, len(mailoutbox)) == (0, 1)


def test_an_incident_that_is_over_is_not_told(box, manager, mailoutbox):
    trouble(box)
    end_trouble(box.pk, reading=False, ending="", now=NOW)

    assert tell_incidents() == 0
    assert mailoutbox == []


def test_an_alert_our_own_server_refused_is_sent_later(box, manager, mailoutbox, settings):
    trouble(box)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    refused = tell_incidents()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert (refused, tell_incidents(), len(mailoutbox)) == (0, 1, 1)


def test_a_mailbox_that_sends_again_ends_its_incident(mailbox, smtp):
    message = queue(mailbox, due_at=NOW)
    smtp.answers["rcpt"][message.to_address] = ["421 4.7.0 Slow down"]

    send_due(now=NOW)
    lasting = MailboxIncident.objects.lasting().count()
    send_due(now=NOW + dt.timedelta(minutes=6))

    incident = MailboxIncident.objects.get()
    assert (lasting, incident.kind, incident.ending) == (1, Trouble.ASKED, "It sent again.")


def test_stopped_and_recovered_are_announced_once(box):
    heard = []

    def note(incident, **_):
        heard.append(incident.ended_at)

    mailbox_stopped.connect(note)
    mailbox_recovered.connect(note)
    trouble(box)
    trouble(box)
    end_trouble(box.pk, reading=False, ending="", now=NOW)
    end_trouble(box.pk, reading=False, ending="", now=NOW)

    assert heard == [None, NOW]


@pytest.mark.parametrize("decide", [lambda m: pause_mailbox(m, reason="x"), resume_mailbox])
def test_a_persons_word_ends_the_incident_and_the_plan(box, decide):
    soon = NOW + dt.timedelta(minutes=5)
    Mailbox.objects.update(status=MailboxStatus.PAUSED, retry_at=soon)
    box.refresh_from_db()
    trouble(box)

    decide(box)

    assert not MailboxIncident.objects.lasting().exists()
    assert box.retry_at is None


def test_a_pause_by_a_person_is_not_tried_again(mailbox, smtp):
    queue(mailbox, due_at=NOW)
    pause_mailbox(mailbox, reason="Holiday")

    assert send_due(now=NOW + dt.timedelta(days=1)).sent == 0
    assert smtp.connections == 0


def test_the_page_says_what_happened_what_to_do_and_when(client, box, manager):
    client.force_login(manager)
    Mailbox.objects.update(
        status=MailboxStatus.PAUSED,
        status_reason="The server did not accept the user name or password.",
        retry_at=NOW + dt.timedelta(days=900),
    )
    trouble(box)

    page = client.get(reverse("mailer:mailbox", args=[box.agency.slug, box.pk])).content.decode()

    assert "did not accept" in page
    assert "app password" in page
    assert "It is tried again" in page
    assert "Login refused" in page
