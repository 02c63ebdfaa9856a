"""A whole site stops when one of its people writes, where the campaign says so."""

import pytest

from campaigns.enums import EnrolmentStatus
from campaigns.models import Enrolment
from campaigns.services.compose import compose_due
from leads.models import Lead
from mailer.models import Message
from mailer.services.inbox import take_in
from mailer.services.sending import send_due
from tests.factories.outreach import running
from tests.mailer.mails import mail_from


def _hear(mailbox, sender):
    raw = mail_from(sender, subject="About your agency")
    return take_in(mailbox, raw, folder="INBOX", uidvalidity=1, uid=1)


@pytest.mark.parametrize(
    ("stops", "status"), [(True, EnrolmentStatus.FINISHED), (False, EnrolmentStatus.ACTIVE)]
)
def test_a_colleague_under_a_new_subject_stops_the_site(lawful, mailbox, stops, status):
    running(lawful, mailbox, people=1, stop_domain_on_reply=stops)
    compose_due()
    send_due()

    _hear(mailbox, f"boss@{Message.objects.get().to_address.partition('@')[2]}")

    assert Enrolment.objects.get().status == status


def test_free_mail_is_no_site(lawful, mailbox):
    running(lawful, mailbox, people=1, stop_domain_on_reply=True)
    Lead.objects.update(email="erin@gmail.com")
    compose_due()
    send_due()

    _hear(mailbox, "other@gmail.com")

    assert Enrolment.objects.get().status == EnrolmentStatus.ACTIVE
