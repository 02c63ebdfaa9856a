"""Builds demo agencies: people, a client, sandbox mailboxes, prospects, a sequence."""

import io

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.enums import Role
from accounts.models import Agency, Client, Competitor, Membership, TargetPage, User
from campaigns.models import Campaign
from campaigns.services import content
from compliance.models import InterestAssessment
from leads.models import LeadImport
from leads.services import imports
from leads.services.running import run_import
from mailer.enums import ConnectionSecurity
from mailer.models import Mailbox
from mailer.sandbox import PASSWORD as SANDBOX_PASSWORD
from outreach_project.demo.prospects import Prospects
from outreach_project.demo.sequence import STEPS

DEMO_PASSWORD = "outreach-demo-2026"  # noqa: S105  # printed on the screen, DEBUG only


_ROLES = (
    ("owner", "Maya Lindqvist", Role.OWNER),
    ("manager", "Tom Okafor", Role.MANAGER),
    ("member", "Priya Nair", Role.MEMBER),
    ("client", "Elena Rossi", Role.CLIENT),
)


def build_agency(*, slug: str, name: str, mailboxes: int = 2, daily_cap: int = 200) -> Agency:
    """Return a new agency with a client, the four roles and sandbox mailboxes.

    Args:
        slug: also the second level of its people's and mailboxes' domains.
        name: what it is called.
        mailboxes: how many sending identities it gets.
        daily_cap: e-mails a day of each of them.
    """
    agency = Agency.objects.create(
        slug=slug,
        name=name,
        time_zone="Europe/London",
        postal_address="14 Quay Street, Bristol BS1 4HY, United Kingdom",
        sender_name=f"{name} Ltd",
        user_daily_cap=5000,
    )
    client = _client(agency)
    owner = None
    for local, person, role in _ROLES:
        user = make_user(f"{local}@{slug}.example", person)
        owner = owner or user
        Membership.objects.create(
            user=user,
            agency=agency,
            role=role,
            client=client if role == Role.CLIENT else None,
        )
    InterestAssessment.objects.create(
        agency=agency,
        purpose="Tell editors about research their readers can use.",
        necessity="An editor's published address is the only way to offer it.",
        balancing="Three e-mails at most, to a work address, with one-click unsubscribe.",
        recorded_by=owner,
    )
    for first in ("maya", "tom", "priya", "sam", "ana")[:mailboxes]:
        _mailbox(agency, owner, first, daily_cap)
    return agency


def make_user(email: str, name: str, *, superadmin: bool = False) -> User:
    """Return the user of that address, made and confirmed if need be."""
    user = User.objects.filter(email=email).first()
    if user is None:
        make = User.objects.create_superuser if superadmin else User.objects.create_user
        user = make(email, DEMO_PASSWORD, name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def import_prospects(agency: Agency, prospects: Prospects, owner: User) -> LeadImport:
    """Import the list for the agency's client, through the code of the wizard."""
    lead_import = imports.create_import(
        agency=agency,
        file=io.BytesIO(prospects.content),
        filename="prospects.csv",
        actor=owner,
        client=Client.objects.for_agency(agency).get(),
    )
    imports.start_import(lead_import)
    run_import(lead_import.pk)
    lead_import.refresh_from_db()
    return lead_import


def write_sequence(campaign: Campaign, owner: User) -> None:
    """Write the demo's three e-mails into a draft."""
    for order, words in enumerate(STEPS, start=1):
        step = campaign.steps.filter(order=order).first()
        step = step or content.add_step(campaign, actor=owner)
        variant = step.variants.get()
        for wording in words.variants:
            if variant.body:
                variant = content.add_variant(step, actor=owner)
            variant = content.save_email(
                variant,
                fields={
                    "subject": wording.subject,
                    "body": wording.body,
                    "weight": 1,
                    "status": "active",
                    "wait": words.wait,
                    "wait_unit": "days",
                    "thread_mode": words.thread,
                },
                seen=content.digest_of(variant),
                actor=owner,
            )


def _client(agency: Agency) -> Client:
    client = Client.objects.create(
        agency=agency,
        name="Northbeam",
        domain="northbeam.example",
        industry="Outdoor equipment",
        subcategories=["Camping", "Trail food"],
        regions=["US", "GB"],
        core_offer="field-tested guides to cooking and eating outdoors",
        key_differentiator="every claim is weighed, timed and photographed on the trail",
        cta="May I send you an outline?",
        timeline="this month",
        goal="Links to the trail nutrition guide",
        fallback_action="a quote from our test kitchen for a piece you already plan",
        brand_voice="Plain, curious, no superlatives.",
    )
    Competitor.objects.create(agency=agency, client=client, domain="campstove.example")
    TargetPage.objects.create(
        agency=agency,
        client=client,
        url="https://northbeam.example/guides/trail-nutrition/",
        title="Trail nutrition guide",
        anchors=[{"text": "trail nutrition", "weight": 3}, {"text": "Northbeam", "weight": 1}],
        priority=1,
    )
    return client


def _mailbox(agency: Agency, owner: User | None, first: str, daily_cap: int) -> Mailbox:
    address, name = f"{first}@mail.{agency.slug}.example", first.title()
    return Mailbox.objects.create(
        agency=agency,
        owner=owner,
        address=address,
        display_name=f"{name} at Northbeam",
        signature=f"{name}\nResearch, Northbeam",
        provider="sandbox",
        smtp_host="127.0.0.1",
        smtp_port=settings.SANDBOX_SMTP_PORT,
        smtp_security=ConnectionSecurity.NONE,
        smtp_username=address,
        smtp_password=SANDBOX_PASSWORD,
        imap_host="127.0.0.1",
        imap_port=settings.SANDBOX_IMAP_PORT,
        imap_security=ConnectionSecurity.NONE,
        imap_username=address,
        imap_password=SANDBOX_PASSWORD,
        imap_sent_folder="Sent",
        daily_cap=daily_cap,
        hourly_cap=daily_cap,
        gap_seconds=0,
        gap_jitter_seconds=0,
    )
