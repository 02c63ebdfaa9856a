"""A campaign from the file of prospects to the answer that stops it, over real SMTP."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile

from accounts.enums import Role
from campaigns.enums import CampaignStatus, EnrolmentStatus
from campaigns.models import Campaign, Enrolment
from campaigns.services.compose import compose_due
from campaigns.services.moves import approve, launch
from campaigns.services.stats import stored_figures, true_figures
from campaigns.services.submission import submit_for_review
from compliance.selectors import suppressed
from leads.enums import LeadStatus
from leads.services.imports import create_import, start_import
from leads.services.running import run_import
from mailer.models import Mailbox, Message
from mailer.services.inbox import take_in
from mailer.services.sending import send_due
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.factories.outreach import CampaignFactory
from tests.servers.smtp import SmtpServer, smtp_running

FILE = b"""Email,First name,Company,Country
erin@garden.example,Erin,The Garden,US
otto@kitchen.example,Otto,The Kitchen,US
uma@harbour.example,Uma,The Harbour,US
not-an-address,Nobody,The Void,US
"""


@pytest.fixture
def smtp() -> Any:
    with smtp_running() as server:
        yield server


@pytest.fixture
def mailbox(agency: Any, smtp: SmtpServer) -> Mailbox:
    AssessmentFactory.create(agency=agency)
    return MailboxFactory.create(agency=agency, smtp_port=smtp.port)


@pytest.fixture
def campaign(agency: Any, mailbox: Mailbox, join: Any) -> Campaign:
    """Imported for, submitted by a member, approved by a manager, launched."""
    member, manager = join(Role.MEMBER).user, join(Role.MANAGER).user
    made = CampaignFactory.create(
        agency=agency,
        owner=member,
        boxes=[mailbox],
        texts=["Hello {{ first_name }}, may I write for {{ company }}?", "Any news?"],
        status=CampaignStatus.DRAFT,
        approved_version=None,
    )
    lead_import = create_import(
        agency=agency,
        file=ContentFile(FILE),
        filename="prospects.csv",
        actor=member,
        options={"campaign_id": made.pk},
    )
    start_import(lead_import)
    run_import(lead_import.pk)
    submit_for_review(made, actor=member)
    approve(made, actor=manager)
    launch(made, actor=member)
    return made


def answer(mailbox: Mailbox, message: Message, text: str) -> None:
    """Let the prospect answer an e-mail."""
    raw = (
        f"From: {message.to_address}\r\nTo: {mailbox.address}\r\n"
        f"Subject: Re: {message.subject}\r\nMessage-ID: <a{message.pk}@x.example>\r\n"
        f"In-Reply-To: {message.message_id}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    take_in(mailbox, raw.encode(), folder="INBOX", uidvalidity=1, uid=message.pk)


def let_days_pass() -> None:
    Enrolment.objects.filter(due_at__isnull=False).update(
        due_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )


def test_a_campaign_from_the_file_to_the_answers(
    campaign: Campaign, mailbox: Mailbox, smtp: SmtpServer
):
    assert campaign.enrolments.count() == 3

    compose_due()
    send_due()
    assert sorted(one.recipient for one in smtp.received) == [
        "erin@garden.example",
        "otto@kitchen.example",
        "uma@harbour.example",
    ]
    assert "Hello Erin, may I write for The Garden?" in smtp.received[0].mail.as_string()

    first = {message.to_address: message for message in Message.objects.all()}
    answer(mailbox, first["erin@garden.example"], "Yes, I am interested. Please send a draft.")
    answer(mailbox, first["otto@kitchen.example"], "Please unsubscribe me from this list.")
    let_days_pass()
    compose_due()
    send_due()

    followed_up = [one.recipient for one in smtp.received[3:]]
    assert followed_up == ["uma@harbour.example"]
    assert smtp.received[3].mail["In-Reply-To"] == first["uma@harbour.example"].message_id
    ends = dict(Enrolment.objects.values_list("lead__email", "stop_reason"))
    assert ends == {
        "erin@garden.example": "replied",
        "otto@kitchen.example": "unsubscribed",
        "uma@harbour.example": "",
    }
    assert set(suppressed(campaign.agency, [str(one) for one in ends])) == {"otto@kitchen.example"}
    erin = Enrolment.objects.get(lead__email="erin@garden.example")
    assert (erin.status, erin.lead.status) == (EnrolmentStatus.FINISHED, LeadStatus.REPLIED)
    assert stored_figures(campaign) == true_figures(campaign)
