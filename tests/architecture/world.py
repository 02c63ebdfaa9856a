"""One agency with everything in it, made on demand, for the tests that visit every URL."""

import datetime as dt
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from accounts.enums import Role
from accounts.models import (
    Agency,
    Client,
    Competitor,
    Invitation,
    Membership,
    TargetPage,
)
from accounts.rules import digest
from campaigns.enums import CampaignStatus
from campaigns.models import (
    Campaign,
    EmailTemplate,
    Enrolment,
    EnrolmentRun,
    SequenceStep,
    StepEmail,
    StepVariant,
)
from compliance.enums import SuppressionReason
from compliance.models import Consent, InterestAssessment, PolicyDecision, Suppression
from directory.models import Backlink, GapFile, GapRun, MatchRun
from integrations.enums import Provider
from integrations.models import ProviderAccount
from leads.models import BulkJob, Lead, LeadImport, SavedView
from mailer.enums import InboundKind, MessageKind, MessageStatus, ThreadStatus
from mailer.models import Alias, InboundMessage, Mailbox, Message, SetAsideMail, Thread
from mailer.sandbox import database
from tests.factories.accounts import AgencyFactory, ClientFactory, MembershipFactory, UserFactory
from tests.factories.directory import (
    BacklinkFactory,
    GapFileFactory,
    GapRunFactory,
    OpportunityFactory,
)

# A word of ours that no other agency may ever read.
SECRET = "Zenobia Holdings"
TOKEN = "sample-token-of-an-invitation"


class World:
    """Our agency, its people, and one row of every kind, each made when first asked for."""

    def __init__(self) -> None:
        self.agency: Agency = AgencyFactory.create()

    @cached_property
    def people(self) -> dict[str, Membership]:
        """A member of each role, and the owner of another agency."""
        mine = {role: self._member(role) for role in Role.values}
        return mine | {"stranger": MembershipFactory.create()}

    def _member(self, role: str) -> Membership:
        client = self.client if role == Role.CLIENT else None
        return MembershipFactory.create(agency=self.agency, role=role, client=client)

    @cached_property
    def other_member(self) -> Membership:
        return self._member(Role.MEMBER)

    @cached_property
    def client(self) -> Client:
        return ClientFactory.create(agency=self.agency)

    @cached_property
    def competitor(self) -> Competitor:
        return Competitor.objects.create(
            agency=self.agency, client=self.client, domain="rival.example"
        )

    @cached_property
    def gap_run(self) -> GapRun:
        return GapRunFactory.create(agency=self.agency, client=self.client)

    @cached_property
    def gap_file(self) -> GapFile:
        return GapFileFactory.create(run=self.gap_run)

    @cached_property
    def target_page(self) -> TargetPage:
        return TargetPage.objects.create(
            agency=self.agency, client=self.client, url="https://client.example/page"
        )

    @cached_property
    def invitation(self) -> Invitation:
        return Invitation.objects.create(
            agency=self.agency,
            email="invited@agency.example",
            token_digest=digest(TOKEN),
            invited_by=UserFactory.create(),
            expires_at=timezone.now() + dt.timedelta(days=1),
        )

    @cached_property
    def invitation_token(self) -> str:
        return TOKEN if self.invitation.pk else ""

    @cached_property
    def lead(self) -> Lead:
        return Lead.objects.create(
            agency=self.agency,
            email="ann@prospect.example",
            domain="prospect.example",
            company=SECRET,
        )

    @cached_property
    def lead_import(self) -> LeadImport:
        return LeadImport.objects.create(
            agency=self.agency, filename="leads.csv", file="imports/leads.csv", columns=["Email"]
        )

    @cached_property
    def bulk_job(self) -> BulkJob:
        return BulkJob.objects.create(agency=self.agency, action="status", value="qualified")

    @cached_property
    def saved_view(self) -> SavedView:
        return SavedView.objects.create(agency=self.agency, name="Mine")

    @cached_property
    def opportunity(self) -> Backlink:
        return OpportunityFactory.create(
            agency=self.agency, client=self.client, source_domain="listing.example", notes=SECRET
        )

    @cached_property
    def backlink(self) -> Backlink:
        return BacklinkFactory.create(
            agency=self.agency, client=self.client, source_domain="magazine.example", notes=SECRET
        )

    @cached_property
    def match_run(self) -> MatchRun:
        return MatchRun.objects.create(agency=self.agency, client=self.client)

    @cached_property
    def mailbox(self) -> Mailbox:
        return Mailbox.objects.create(
            agency=self.agency, address="desk@agency.example", smtp_host="127.0.0.1"
        )

    @cached_property
    def set_aside(self) -> SetAsideMail:
        return SetAsideMail.objects.create(
            agency=self.agency, mailbox=self.mailbox, folder="INBOX", uidvalidity=1, uid=1
        )

    @cached_property
    def thread(self) -> Thread:
        return Thread.objects.create(
            agency=self.agency,
            mailbox=self.mailbox,
            counterpart="ann@prospect.example",
            status=ThreadStatus.OPEN,
        )

    @cached_property
    def alias(self) -> Alias:
        return Alias.objects.create(
            agency=self.agency, alias="ann@private.example", address="ann@prospect.example"
        )

    @cached_property
    def message(self) -> Message:
        return Message.objects.create(
            agency=self.agency,
            mailbox=self.mailbox,
            thread=self.thread,
            to_address="ann@prospect.example",
            recipient_domain="prospect.example",
            subject="A guest post",
            text="Hello",
            message_id="<sample@agency.example>",
            idempotency_key="sample",
            status=MessageStatus.SENT,
            sent_at=timezone.now(),
            smtp_reply="250 2.0.0 taken",
        )

    @cached_property
    def inbound(self) -> InboundMessage:
        return InboundMessage.objects.create(
            agency=self.agency,
            mailbox=self.mailbox,
            thread=self.thread,
            original=self.message,
            message_id="<answer@prospect.example>",
            from_address="ann@prospect.example",
            kind=InboundKind.REPLY,
            uid=1,
            text="Yes",
            new_text="Yes",
        )

    @cached_property
    def reply(self) -> Message:
        return Message.objects.create(
            agency=self.agency,
            mailbox=self.mailbox,
            thread=self.thread,
            kind=MessageKind.REPLY,
            to_address="ann@prospect.example",
            recipient_domain="prospect.example",
            subject="Re: A guest post",
            text="Thanks",
            message_id="<reply@agency.example>",
            idempotency_key="sample-reply",
        )

    @cached_property
    def caught(self) -> int:
        """A mail the sandbox caught."""
        names = {"message_id": "<sample@agency.example>", "subject": "A guest post"}
        with database.opened() as connection:
            return database.add_mail(
                connection,
                login=self.mailbox.address,
                sender=self.mailbox.address,
                recipient="ann@prospect.example",
                body=database.add_body(connection, b"Subject: A guest post\r\n\r\nHello"),
                at=1.0,
                **names,
            )

    @cached_property
    def caught_from_platform(self) -> int:
        """A confirmation the platform sent."""
        with database.opened() as connection:
            return database.add_mail(
                connection,
                login="",
                sender="desk@outreach.example",
                recipient="ann@prospect.example",
                message_id="<confirm@outreach.example>",
                subject="Confirm",
                body=database.add_body(connection, b"Subject: Confirm\r\n\r\nhttps://x.example"),
                at=1.0,
            )

    @cached_property
    def campaign(self) -> Campaign:
        return Campaign.objects.create(
            agency=self.agency, client=self.client, name="Guest posts", slug="guest-posts"
        )

    @cached_property
    def campaign_in_review(self) -> Campaign:
        self.step_email.campaign.status = CampaignStatus.IN_REVIEW
        self.step_email.campaign.save()
        return self.step_email.campaign

    @cached_property
    def enrolment_run(self) -> EnrolmentRun:
        return EnrolmentRun.objects.create(agency=self.agency, campaign=self.campaign)

    @cached_property
    def step(self) -> SequenceStep:
        return SequenceStep.objects.create(agency=self.agency, campaign=self.campaign, order=1)

    @cached_property
    def variant(self) -> StepVariant:
        return StepVariant.objects.create(
            agency=self.agency, step=self.step, subject="Hello", body="Hello"
        )

    @cached_property
    def enrolment(self) -> Enrolment:
        return Enrolment.objects.create(
            agency=self.agency, campaign=self.campaign, lead=self.lead, mailbox=self.mailbox
        )

    @cached_property
    def step_email(self) -> StepEmail:
        return StepEmail.objects.create(
            agency=self.agency,
            campaign=self.campaign,
            enrolment=self.enrolment,
            step=self.step,
            variant=self.variant,
            subject="Hello",
            body="Hello",
        )

    @cached_property
    def template(self) -> EmailTemplate:
        return EmailTemplate.objects.create(
            agency=self.agency, name="Intro", subject="Hello", body="Hello"
        )

    @cached_property
    def suppression(self) -> Suppression:
        return Suppression.objects.create(
            agency=self.agency,
            value="no@prospect.example",
            digest=digest("no@prospect.example"),
            reason=SuppressionReason.MANUAL,
        )

    @cached_property
    def provider_account(self) -> ProviderAccount:
        # A test of the account must not leave the machine.
        settings.DATAFORSEO_URL = "http://127.0.0.1:9"
        return ProviderAccount.objects.create(
            agency=self.agency, provider=Provider.DATAFORSEO, login=SECRET, secret="x"
        )

    @cached_property
    def consent(self) -> Consent:
        return Consent.objects.create(
            agency=self.agency,
            address="ann@prospect.example",
            evidence="Form of 1 May",
            obtained_at=timezone.now(),
        )

    @cached_property
    def assessment(self) -> InterestAssessment:
        return InterestAssessment.objects.create(
            agency=self.agency, purpose="Why", necessity="Need", balancing="Balance"
        )

    @cached_property
    def decision(self) -> PolicyDecision:
        return PolicyDecision.objects.create(
            agency=self.agency,
            stage="asked",
            sender="desk@agency.example",
            recipient="ann@prospect.example",
            outcome="allowed",
        )
