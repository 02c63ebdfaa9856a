"""A campaign that is ready to be submitted; an agency that may write, and its mailboxes."""

from collections.abc import Iterator

import pytest

from accounts.models import Agency, Membership
from campaigns.models import Campaign
from compliance.models import InterestAssessment
from mailer.models import Mailbox
from tests.factories.campaigns import (
    CampaignFactory,
    EnrolmentFactory,
    StepFactory,
    VariantFactory,
)
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.servers.smtp import SmtpServer, smtp_running


@pytest.fixture
def campaign(agency: Agency, owner: Membership) -> Campaign:
    """A draft with one e-mail, a mailbox and one person."""
    campaign = CampaignFactory.create(agency=agency, owner=owner.user, slug="spring")
    VariantFactory.create(step=StepFactory.create(campaign=campaign))
    campaign.mailboxes.add(MailboxFactory.create(agency=agency))
    EnrolmentFactory.create(campaign=campaign)
    InterestAssessment.objects.create(
        agency=agency, purpose="Links", necessity="No other way", balancing="Little harm"
    )
    return campaign


@pytest.fixture
def lawful(agency: Agency) -> Agency:
    AssessmentFactory.create(agency=agency)
    return agency


@pytest.fixture
def box(lawful: Agency) -> Mailbox:
    """A mailbox that never gets as far as sending."""
    return MailboxFactory.create(agency=lawful)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with smtp_running() as server:
        yield server


@pytest.fixture
def mailbox(lawful: Agency, smtp: SmtpServer) -> Mailbox:
    return MailboxFactory.create(agency=lawful, smtp_port=smtp.port)
