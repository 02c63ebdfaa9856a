"""The list of campaigns, making one, and its settings."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.enums import Role
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign, DailyStat
from tests.factories.accounts import ClientFactory
from tests.factories.campaigns import CampaignFactory, StepFactory, VariantFactory
from tests.factories.mailer import MailboxFactory

QUERIES = 8


def _url(agency, name="list", *args):
    return reverse(f"campaigns:{name}", args=[agency.slug, *args])


def _campaign(agency, **fields):
    campaign = CampaignFactory.create(
        agency=agency, client=ClientFactory.create(agency=agency), **fields
    )
    step = StepFactory.create(campaign=campaign)
    DailyStat.objects.create(
        agency=agency,
        campaign=campaign,
        step=step,
        variant=VariantFactory.create(step=step),
        mailbox=MailboxFactory.create(agency=agency),
        date=dt.date(2026, 11, 2),
        sent=40,
        replied=4,
        interested=1,
    )
    return campaign


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(
    agency, owner_browser, rows, django_assert_num_queries
) -> None:
    for _ in range(rows):
        _campaign(agency)
    with django_assert_num_queries(QUERIES):
        owner_browser.get(_url(agency), headers={"HX-Request": "true"})


def test_a_row_shows_its_headline_numbers(agency, owner_browser) -> None:
    campaign = _campaign(agency)
    [(shown, line)] = owner_browser.get(_url(agency)).context["rows"]
    assert (shown, line.steps, line.sent, line.reply_rate, line.interested) == (
        campaign,
        1,
        40,
        10.0,
        1,
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Autumn", "Spring"]),
        ({"status": "running"}, ["Spring"]),
        ({"status": "archived"}, ["Old"]),
        ({"status": "nonsense"}, ["Autumn", "Spring"]),
        ({"q": "aut"}, ["Autumn"]),
        ({"q": "nothing"}, []),
        ({"client": "0"}, ["Autumn", "Spring"]),
    ],
)
def test_the_list_is_narrowed(agency, owner_browser, query, names) -> None:
    CampaignFactory.create(agency=agency, name="Old", status=CampaignStatus.ARCHIVED)
    CampaignFactory.create(agency=agency, name="Spring", status=CampaignStatus.RUNNING)
    CampaignFactory.create(agency=agency, name="Autumn")
    rows = owner_browser.get(_url(agency), query).context["rows"]
    assert [campaign.name for campaign, _ in rows] == names


def test_the_list_is_narrowed_to_a_client(agency, owner_browser) -> None:
    campaign = _campaign(agency)
    _campaign(agency)
    response = owner_browser.get(_url(agency), {"client": campaign.client.pk})
    assert [row for row, _ in response.context["rows"]] == [campaign]


def test_the_list_hides_other_agencies(agency, stranger, owner_browser) -> None:
    CampaignFactory.create(agency=stranger.agency)
    assert owner_browser.get(_url(agency)).context["rows"] == []


def test_a_campaign_is_created_with_its_mailboxes(agency, owner_browser) -> None:
    mailbox = MailboxFactory.create(agency=agency)
    owner_browser.post(
        _url(agency, "new"),
        {"name": "Spring", "kind": "link_building", "mailboxes": [mailbox.pk]},
    )
    assert Campaign.objects.get().mailboxes.get() == mailbox


def test_a_campaign_takes_no_mailbox_of_another_agency(agency, stranger, owner_browser) -> None:
    mailbox = MailboxFactory.create(agency=stranger.agency)
    response = owner_browser.post(
        _url(agency, "new"), {"name": "Spring", "kind": "general", "mailboxes": [mailbox.pk]}
    )
    assert (response.status_code, Campaign.objects.count()) == (422, 0)


def test_a_campaign_takes_no_client_of_another_agency(agency, stranger, owner_browser) -> None:
    client = ClientFactory.create(agency=stranger.agency)
    response = owner_browser.post(
        _url(agency, "new"), {"name": "Spring", "kind": "general", "client": client.pk}
    )
    assert (response.status_code, Campaign.objects.count()) == (422, 0)


def test_renaming_does_not_void_the_approval(campaign, owner_browser) -> None:
    owner_browser.post(_url(campaign.agency, "rename", campaign.slug), {"name": "Other"})
    campaign.refresh_from_db()
    assert (campaign.name, campaign.content_version) == ("Other", 1)


def _settings(campaign, **changes):
    return {
        "kind": "link_building",
        "mailboxes": [box.pk for box in campaign.mailboxes.all()],
        "daily_cap": "200",
        "send_days": ["1", "2", "3", "4", "5"],
        "send_from": "09:00",
        "send_until": "17:00",
        "time_zone": "UTC",
        "in_recipient_time_zone": "on",
        "track_opens": "on",
        "track_clicks": "on",
        "approval_mode": "sequence",
        **changes,
    }


def test_settings_are_saved(campaign, owner_browser) -> None:
    changes = {
        "daily_cap": "50",
        "send_days": ["2", "4"],
        "holiday_countries": "GB\nGermany",
        "extra_holidays": "2026-12-24",
        "stop_domain_on_reply": "on",
    }
    owner_browser.post(
        _url(campaign.agency, "settings", campaign.slug), _settings(campaign, **changes)
    )
    campaign.refresh_from_db()
    assert (
        campaign.daily_cap,
        campaign.send_days,
        campaign.holiday_countries,
        campaign.extra_holidays,
        campaign.stop_domain_on_reply,
    ) == (50, [2, 4], ["GB", "DE"], ["2026-12-24"], True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("daily_cap", "0", "greater than or equal to 1"),
        ("daily_cap", "100001", "less than or equal to 100000"),
        ("send_days", [], "required"),
        ("send_until", "08:00", "later than the beginning"),
        ("time_zone", "Mars/Base", "valid choice"),
        ("holiday_countries", "Atlantis", "“Atlantis” is not a country"),
        ("extra_holidays", "24.12.", "“24.12.” is not a date"),
        ("start_on", "2020-01-01", "has passed"),
        ("start_on", "2999-01-01", "within two years"),
        ("mailboxes", ["0"], "not one of the available choices"),
    ],
)
def test_a_setting_out_of_bounds_is_explained(campaign, owner_browser, field, value, words) -> None:
    response = owner_browser.post(
        _url(campaign.agency, "settings", campaign.slug), _settings(campaign, **{field: value})
    )
    assert (response.status_code, words in str(response.context["form"].errors[field])) == (
        422,
        True,
    )


def test_saving_settings_unchanged_keeps_the_approval(campaign, owner_browser) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(send_days=[1, 2, 3, 4, 5])
    owner_browser.post(_url(campaign.agency, "settings", campaign.slug), _settings(campaign))
    campaign.refresh_from_db()
    assert campaign.content_version == 1


@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [
        (Role.MEMBER, "approve", 403),
        (Role.MEMBER, "submit", 200),
        (Role.MANAGER, "approve", 200),
        (Role.OWNER, "approve", 200),
        (Role.CLIENT, "submit", 403),
        (Role.OWNER, "explode", 404),
    ],
)
def test_a_verb_asks_those_who_may(  # noqa: PLR0917  # three fixtures, three parameters
    campaign, join, browser_of, role, verb, status
) -> None:
    browser = browser_of(join(role))
    url = _url(campaign.agency, "move", campaign.slug, verb)
    assert browser.get(url).status_code == status


def test_another_agencys_campaign_is_not_there(campaign, stranger, browser_of) -> None:
    browser = browser_of(stranger)
    url = _url(stranger.agency, "move", campaign.slug, "submit")
    assert browser.post(url).status_code == 404


def test_submitting_without_script_leads_back(campaign, owner_browser) -> None:
    response = owner_browser.post(_url(campaign.agency, "move", campaign.slug, "submit"))
    campaign.refresh_from_db()
    assert (response.status_code, campaign.status) == (302, "in_review")


def test_asking_changes_nothing(campaign, owner_browser) -> None:
    owner_browser.get(_url(campaign.agency, "move", campaign.slug, "submit"))
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_the_checklist_names_who_will_be_held_back(campaign, owner_browser) -> None:
    campaign.steps.get().variants.update(body="Hi {{ first_name }} from {{ city }}")
    response = owner_browser.get(_url(campaign.agency, "move", campaign.slug, "submit"))
    assert "1 lack a variable and will be held back: city (1)." in response.content.decode()


def test_an_approval_of_an_older_version_is_refused(campaign, owner_browser) -> None:
    owner_browser.post(_url(campaign.agency, "move", campaign.slug, "submit"))
    owner_browser.post(_url(campaign.agency, "move", campaign.slug, "approve"), {"version": "0"})
    campaign.refresh_from_db()
    assert campaign.status == "in_review"


def test_the_launch_dialog_names_count_time_and_exclusions(campaign, owner_browser) -> None:
    lead = campaign.enrolments.get().lead
    lead.country = "DE"
    lead.save()
    Campaign.objects.filter(pk=campaign.pk).update(
        status="approved", approved_version=1, start_on=dt.date(2099, 6, 1)
    )
    page = owner_browser.get(
        _url(campaign.agency, "move", campaign.slug, "launch")
    ).content.decode()
    named = ("Launch to 0 people?", "Monday 1 June, 09:00", "in a region that asks for consent")
    assert [words for words in named if words not in page] == []
