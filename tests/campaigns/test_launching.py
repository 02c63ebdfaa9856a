"""The check before launch: what receivers ask, said mailbox by mailbox, never passed silently."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign, StepVariant
from campaigns.services import launching
from campaigns.services.moves import CampaignMoveError
from compliance.models import AuditEntry
from mailer.deliverability.findings import Finding
from mailer.models import Mailbox, MailboxCheck
from tests.factories.mailer import MailboxFactory, MessageFactory

FINE = ("domain", "spf", "dkim", "dmarc", "alignment", "mx", "ptr")
REASON = "The client's own DNS team mends it today."


@pytest.fixture
def approved(campaign: Campaign, settings) -> Campaign:
    """Approved, and sending through a mailbox out in the world."""
    settings.TRACKING_URL = "https://track.agency.example"
    Campaign.objects.update(
        status=CampaignStatus.APPROVED, approved_version=campaign.content_version
    )
    campaign.mailboxes.set(
        [
            MailboxFactory.create(
                agency=campaign.agency,
                address="ann@agency.example",
                smtp_host="smtp.gmail.com",
                smtp_security="starttls",
            )
        ]
    )
    campaign.refresh_from_db()
    return campaign


def looked_up(campaign: Campaign, **states: str) -> None:
    found = dict.fromkeys(FINE, "ok") | states
    MailboxCheck.objects.update_or_create(
        mailbox=campaign.mailboxes.get(),
        defaults={
            "agency": campaign.agency,
            "state": "ok",
            "findings": [
                Finding(key, key.upper(), state, f"{key} words.").to_json()
                for key, state in found.items()
            ],
        },
    )


def states_of(campaign: Campaign) -> dict[str, str]:
    return {rule.key: rule.state for rule in launching.campaign_rules(campaign)}


def page_of(browser, campaign: Campaign, verb: str = "launch") -> str:
    address = reverse("campaigns:move", args=[campaign.agency.slug, campaign.slug, verb])
    return browser.get(address).content.decode()


def test_everything_sound_holds(approved: Campaign):
    looked_up(approved)

    assert set(states_of(approved).values()) - {"ok"} == {"unknown"}
    assert states_of(approved)["complaints"] == "unknown"


def test_what_was_never_looked_up_is_unknown_and_does_not_stop(approved: Campaign, owner):
    assert states_of(approved)["auth"] == "unknown"

    launching.launch(approved, actor=owner.user)

    assert approved.status == CampaignStatus.RUNNING
    assert not AuditEntry.objects.filter(action="campaign.launched_despite").exists()


def test_sandbox_is_not_applicable(campaign: Campaign, owner_browser):
    Campaign.objects.update(status="approved", approved_version=campaign.content_version)

    page = page_of(owner_browser, campaign)

    assert set(states_of(campaign).values()) == {"na"}
    assert "not applicable here" in page
    assert "Why you launch" not in page


@pytest.mark.parametrize(
    ("finding", "rule"),
    [
        ("spf", "auth"),
        ("dkim", "auth"),
        ("dmarc", "dmarc"),
        ("alignment", "aligned"),
        ("domain", "domain"),
        ("mx", "receives"),
        ("ptr", "ptr"),
    ],
)
@pytest.mark.parametrize("state", ["fail", "unknown"])
def test_rule_is_as_its_finding(approved: Campaign, finding: str, rule: str, state: str):
    looked_up(approved, **{finding: state})

    assert states_of(approved)[rule] == state


def test_link_without_encryption_breaks_one_click(approved: Campaign, settings):
    settings.TRACKING_URL = "http://track.agency.example"

    assert states_of(approved)["unsubscribe"] == "fail"


def test_hand_over_without_encryption_breaks_its_rule(approved: Campaign):
    Mailbox.objects.update(smtp_security="none")

    assert states_of(approved)["tls"] == "fail"


@pytest.mark.parametrize(
    ("sent", "complained", "state"),
    [(10, 0, "ok"), (10, 1, "warn"), (10, 3, "fail")],
)
def test_complaints_are_counted(approved: Campaign, sent: int, complained: int, state: str):
    box, now = approved.mailboxes.get(), timezone.now()
    for number in range(sent):
        MessageFactory.create(
            mailbox=box,
            sent=True,
            sent_at=now,
            complained_at=now if number < complained else None,
        )

    assert states_of(approved)["complaints"] == state


def test_broken_rule_needs_a_reason(approved: Campaign, owner):
    looked_up(approved, dmarc="fail")

    for reason in ("", "because"):
        with pytest.raises(CampaignMoveError, match="A DMARC policy"):
            launching.launch(approved, actor=owner.user, reason=reason)

    approved.refresh_from_db()
    assert approved.status == CampaignStatus.APPROVED


def test_reason_is_kept_with_what_is_broken(approved: Campaign, owner):
    looked_up(approved, dmarc="fail")

    launching.launch(approved, actor=owner.user, reason=REASON)

    entry = AuditEntry.objects.get(action="campaign.launched_despite")
    assert (entry.actor, entry.changes) == (
        owner.user,
        {"reason": REASON, "broken": ["A DMARC policy, at least p=none"]},
    )
    assert approved.status == CampaignStatus.RUNNING


def test_member_cannot_launch_what_is_broken(approved: Campaign, join, browser_of):
    looked_up(approved, dmarc="fail")
    member = join(Role.MEMBER)

    with pytest.raises(CampaignMoveError, match="have a manager launch it"):
        launching.launch(approved, actor=member.user, reason=REASON)

    page = page_of(browser_of(member), approved)
    assert "A manager can launch it all the same" in page
    assert '<button class="btn primary">Launch' not in page


def test_launch_page_warns_and_asks_for_the_reason(approved: Campaign, owner_browser):
    looked_up(approved, dmarc="fail", ptr="unknown")
    page = page_of(owner_browser, approved)
    address = reverse("campaigns:move", args=[approved.agency.slug, approved.slug, "launch"])

    owner_browser.post(address, {"reason": ""})
    approved.refresh_from_db()
    without = approved.status
    owner_browser.post(address, {"reason": REASON})
    approved.refresh_from_db()

    assert "1 of the rules" in page
    assert "Not known" in page
    assert "Why you launch all the same" in page
    assert (without, approved.status) == (CampaignStatus.APPROVED, CampaignStatus.RUNNING)


def test_submitting_shows_content_and_rules(approved: Campaign, owner_browser):
    Campaign.objects.update(status=CampaignStatus.DRAFT)
    StepVariant.objects.update(subject="Re: FREE MONEY", body="Click here now!!!")
    looked_up(approved, dmarc="fail")

    page = page_of(owner_browser, approved, "submit")

    assert "likely to be filtered" in page
    assert "What Gmail, Yahoo and Outlook ask" in page


def test_rules_take_no_more_queries_for_more_mailboxes(
    approved: Campaign, django_assert_num_queries
):
    approved.mailboxes.add(*MailboxFactory.create_batch(3, agency=approved.agency))

    with django_assert_num_queries(3):
        launching.campaign_rules(approved)
