"""What waits today, the week's figures, and what a new agency does first."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Agency, Client, Membership
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign, DailyStat
from leads.enums import ImportStatus
from leads.models import LeadImport
from mailer.enums import MailboxStatus, ThreadStatus
from outreach_project import overview as facts
from tests.factories.accounts import ClientFactory
from tests.factories.campaigns import (
    CampaignFactory,
    EnrolledLeadFactory,
    StepFactory,
    VariantFactory,
)
from tests.factories.mailer import MailboxFactory, ThreadFactory

pytestmark = pytest.mark.django_db
NOON = "2026-05-08T12:00:00Z"
TODAY = dt.date(2026, 5, 8)


@pytest.fixture
def url(owner: Membership) -> str:
    return reverse("overview", args=[owner.agency.slug])


def running(agency: Agency, client: Client | None = None) -> Campaign:
    return CampaignFactory.create(
        agency=agency, client=client, status=CampaignStatus.RUNNING, launched_at=timezone.now()
    )


def stat(campaign: Campaign, date: dt.date, **figures: int) -> DailyStat:
    step = campaign.steps.first() or StepFactory.create(campaign=campaign)
    variant = step.variants.first() or VariantFactory.create(step=step)
    return DailyStat.objects.create(
        agency=campaign.agency,
        campaign=campaign,
        step=step,
        variant=variant,
        mailbox=MailboxFactory.create(agency=campaign.agency),
        date=date,
        **figures,
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_asks_as_much_for_three_as_for_one(
    agency: Agency, rows: int, django_assert_num_queries
) -> None:
    for _ in range(rows):
        stat(running(agency, ClientFactory.create(agency=agency)), TODAY, sent=2)
        CampaignFactory.create(agency=agency, status=CampaignStatus.IN_REVIEW)
        MailboxFactory.create(agency=agency, status=MailboxStatus.FAILING)
        LeadImport.objects.create(agency=agency, filename="a.csv", status=ImportStatus.RUNNING)

    with django_assert_num_queries(9):
        facts.setup_steps(agency)
        facts.waiting(agency, None)
        found = facts.running_campaigns(agency, None, TODAY)
        facts.week(agency, None, TODAY)

    assert [campaign.client is not None for campaign in found] == [True] * rows


def test_overview_shows_it_all(
    owner: Membership, owner_browser: Browser, url: str, time_machine
) -> None:
    time_machine.move_to(NOON)
    stat(running(owner.agency), TODAY, sent=2)
    MailboxFactory.create(agency=owner.agency, status=MailboxStatus.FAILING)

    page = owner_browser.get(url).content.decode()

    assert all(words in page for words in ("Waits for you", "Running campaigns", "Failing".lower()))


def test_new_agency_has_everything_to_do() -> None:
    agency = Agency.objects.create(name="New", slug="new-one")

    assert [step.done for step in facts.setup_steps(agency)] == [False] * 6


def test_steps_are_ticked_from_what_is_there(agency: Agency) -> None:
    ClientFactory.create(agency=agency)
    MailboxFactory.create(agency=agency)
    EnrolledLeadFactory.create(agency=agency)
    running(agency)

    assert [step.done for step in facts.setup_steps(agency)] == [True] * 6


def test_draft_does_not_count_as_launched(agency: Agency) -> None:
    CampaignFactory.create(agency=agency)

    done = {step.title: step.done for step in facts.setup_steps(agency)}
    assert (done["Write a campaign"], done["Launch it"]) == (True, False)


def test_rows_of_another_agency_tick_nothing(stranger: Membership, agency: Agency) -> None:
    ClientFactory.create(agency=stranger.agency)

    assert facts.setup_steps(agency)[1].done is False


def test_checklist_goes_once_all_is_done(
    owner: Membership, owner_browser: Browser, url: str
) -> None:
    ClientFactory.create(agency=owner.agency)
    MailboxFactory.create(agency=owner.agency)
    EnrolledLeadFactory.create(agency=owner.agency)
    running(owner.agency)

    assert "Before the first campaign" not in owner_browser.get(url).content.decode()


def test_what_waits_is_counted(agency: Agency, stranger: Membership) -> None:
    for place in (agency, stranger.agency):
        box = MailboxFactory.create(agency=place)
        ThreadFactory.create(mailbox=box, status=ThreadStatus.OPEN, is_unread=True)
        ThreadFactory.create(mailbox=box, status=ThreadStatus.OPEN)
        ThreadFactory.create(mailbox=box, status=ThreadStatus.DONE)

    assert facts.waiting(agency, None)["threads"] == {"open": 2, "unread": 1}


def test_mailbox_in_trouble_waits(agency: Agency) -> None:
    MailboxFactory.create(agency=agency)
    MailboxFactory.create(agency=agency, status=MailboxStatus.ARCHIVED)
    failing = MailboxFactory.create(agency=agency, status=MailboxStatus.FAILING)
    deaf = MailboxFactory.create(agency=agency, last_read_error="The password was refused.")

    assert set(facts.waiting(agency, None)["mailboxes"]) == {failing, deaf}


def test_week_holds_seven_days_and_the_seven_before(agency: Agency) -> None:
    campaign = running(agency)
    stat(campaign, TODAY, sent=10, replied=2, bounced=1)
    stat(campaign, TODAY - dt.timedelta(days=6), replied=3)
    stat(campaign, TODAY - dt.timedelta(days=7), replied=4)
    stat(campaign, TODAY - dt.timedelta(days=14), replied=5)

    week = facts.week(agency, None, TODAY)

    assert week.replies == [3, 0, 0, 0, 0, 0, 2]
    assert week.replies_before == [0, 0, 0, 0, 0, 0, 4]
    assert week.bounce_rate == 10


def test_week_of_an_idle_agency_is_empty(agency: Agency) -> None:
    assert facts.week(agency, None, TODAY).bounce_rate == 0


def test_week_is_narrowed_to_the_chosen_client(agency: Agency) -> None:
    mine = ClientFactory.create(agency=agency)
    stat(running(agency, mine), TODAY, replied=1)
    stat(running(agency), TODAY, replied=5)

    assert facts.week(agency, mine, TODAY).totals["replied"] == 1


def test_running_campaign_shows_what_it_sent_today(agency: Agency) -> None:
    campaign = running(agency)
    stat(campaign, TODAY, sent=3)
    stat(campaign, TODAY - dt.timedelta(days=1), sent=4, replied=1)

    (row,) = facts.running_campaigns(agency, None, TODAY)

    assert (row.sent_today, row.sent_total, row.replied_total) == (3, 7, 1)


def test_paused_campaign_is_not_running(agency: Agency) -> None:
    CampaignFactory.create(agency=agency, status=CampaignStatus.PAUSED)

    assert facts.running_campaigns(agency, None, TODAY) == []


def test_today_is_the_agencys(time_machine) -> None:
    time_machine.move_to("2026-05-08T20:00:00Z")

    assert facts.agency_today(Agency(time_zone="Asia/Tokyo")) == dt.date(2026, 5, 9)


# The portal ---------------------------------------------------------------------


@pytest.fixture
def portal(owner: Membership) -> str:
    return reverse("portal", args=[owner.agency.slug])


def test_client_is_led_to_the_portal(join, browser_of, url: str, portal: str) -> None:
    assert browser_of(join(Role.CLIENT)).get(url)["Location"] == portal


def test_client_sees_their_campaigns_only(owner: Membership, join, browser_of, portal: str) -> None:
    seat = join(Role.CLIENT)
    mine = running(owner.agency, seat.client)
    running(owner.agency, ClientFactory.create(agency=owner.agency))
    CampaignFactory.create(agency=owner.agency, client=seat.client)

    page = browser_of(seat).get(portal)

    assert page.context["page"].rows == [mine]


def test_client_cannot_ask_for_another_client(
    owner: Membership, join, browser_of, portal: str
) -> None:
    seat, other = join(Role.CLIENT), ClientFactory.create(agency=owner.agency)

    page = browser_of(seat).get(portal, {"client": other.pk})

    assert page.context["client"] == seat.client


def test_portal_counts_headlines(owner: Membership, join, browser_of, portal: str) -> None:
    seat = join(Role.CLIENT)
    stat(running(owner.agency, seat.client), TODAY, sent=9, replied=2, interested=1)

    page = browser_of(seat).get(portal)

    assert page.context["totals"] == {"sent": 9, "replied": 2, "interested": 1}


@pytest.mark.parametrize("rows", [1, 3])
def test_portal_asks_as_much_for_three_as_for_one(
    join, browser_of, portal: str, rows: int, django_assert_num_queries
) -> None:
    seat = join(Role.CLIENT)
    for _ in range(rows):
        stat(running(seat.agency, seat.client), TODAY, sent=1)

    browser = browser_of(seat)
    with django_assert_num_queries(5):
        browser.get(portal)


def test_staff_preview_a_clients_portal(
    owner: Membership, owner_browser: Browser, portal: str
) -> None:
    client = ClientFactory.create(agency=owner.agency)

    page = owner_browser.get(portal, {"client": client.pk})

    assert page.context["is_preview"]
    assert page.context["client"] == client


def test_client_of_another_agency_is_not_previewed(owner_browser: Browser, portal: str) -> None:
    other = ClientFactory.create()

    assert owner_browser.get(portal, {"client": other.pk}).status_code == 404


def test_portal_without_clients_is_not_found(owner_browser: Browser, portal: str) -> None:
    assert owner_browser.get(portal).status_code == 404
