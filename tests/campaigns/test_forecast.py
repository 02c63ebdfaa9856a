"""The days to come: counts a day and mailbox, and one reason for each unsent e-mail."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.enums import ApprovalMode
from campaigns.enums import Delay
from campaigns.forecast import MailboxPlan, Plan, StepPlan, Waiting, forecast
from campaigns.models import Campaign, Enrolment
from campaigns.selectors.forecasts import campaign_forecast
from campaigns.services.compose import compose_due
from mailer.models import Mailbox
from tests.factories.outreach import CampaignFactory, running

MONDAY = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
WEEK = frozenset({1, 2, 3, 4, 5})


def plan(**changes: Any) -> Plan:
    """Two steps two business days apart, weekdays 9 to 17, one mailbox of ten a day."""
    values: dict[str, Any] = {
        "now": MONDAY,
        "zone": "UTC",
        "days": WEEK,
        "start": dt.time(9),
        "end": dt.time(17),
        "holidays": frozenset(),
        "start_on": None,
        "caps": [100] * 60,
        "steps": [StepPlan(1, 0, business=True), StepPlan(2, 2, business=True)],
        "mailboxes": [MailboxPlan(1, [10] * 60, 60)],
    }
    return Plan(**(values | changes))


def people(number: int, **changes: Any) -> list[Waiting]:
    values: dict[str, Any] = {"next_step": 1, "due_at": MONDAY, "mailbox": None, "zone": "UTC"}
    return [Waiting(enrolment=pk, **(values | changes)) for pk in range(1, number + 1)]


def days(found: Any) -> dict[int, int]:
    return {day.day: sum(boxes.values()) for day, boxes in sorted(found.days.items())}


def test_forecast_counts_each_day_under_the_mailboxs_cap():
    assert days(forecast(plan(), people(15))) == {16: 10, 17: 5, 18: 10, 19: 5}


def test_forecast_stays_under_the_campaigns_cap():
    assert days(forecast(plan(caps=[4] * 60), people(4))) == {16: 4, 18: 4}


def test_forecast_spreads_over_mailboxes_by_room():
    boxes = [MailboxPlan(1, [6] * 60, 1), MailboxPlan(2, [3] * 60, 1)]

    found = forecast(plan(mailboxes=boxes), people(9))

    assert dict(found.days[MONDAY.date()]) == {1: 6, 2: 3}


def test_forecast_keeps_follow_ups_in_their_mailbox():
    boxes = [MailboxPlan(1, [9] * 60, 1), MailboxPlan(2, [1] * 60, 1)]

    found = forecast(plan(mailboxes=boxes), people(3, next_step=2, mailbox=2))

    assert {email.mailbox for email in found.emails} == {2}
    assert days(found) == {16: 1, 17: 1, 18: 1}


def test_forecast_skips_weekends_and_holidays():
    friday = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    free = frozenset({dt.date(2026, 11, 23)})

    assert days(forecast(plan(now=friday, holidays=free), people(1, due_at=friday))) == {
        20: 1,
        25: 1,
    }


def test_forecast_waits_for_the_start_date():
    found = forecast(plan(start_on=dt.date(2026, 11, 19)), people(1))

    assert found.emails[0].reason == Delay.START_DATE
    assert found.emails[0].at == dt.datetime(2026, 11, 19, 9, tzinfo=dt.UTC)


def test_forecast_sends_in_the_recipients_morning():
    found = forecast(plan(), people(1, zone="America/New_York"))

    assert found.emails[0].at == dt.datetime(2026, 11, 16, 14, tzinfo=dt.UTC)


def test_forecast_keeps_the_gap_between_two_emails():
    first, second = (email.at for email in forecast(plan(), people(2)).emails if email.step == 1)

    assert first is not None
    assert second is not None
    assert second - first == dt.timedelta(seconds=60)


def test_forecast_names_the_cap_that_delays():
    reasons = {
        email.enrolment: email.reason
        for email in forecast(plan(), people(11)).emails
        if email.step == 1
    }

    assert reasons[10] == Delay.WINDOW
    assert reasons[11] == Delay.MAILBOX_CAP


@pytest.mark.parametrize("held", [Delay.BY_HAND, Delay.UNRESOLVED, Delay.MAILBOX_AWAY])
def test_forecast_gives_no_time_to_what_a_person_holds(held: Delay):
    found = forecast(plan(), people(1, held=held))

    assert [(email.reason, email.at) for email in found.emails] == [
        (held, None),
        (Delay.AFTER, None),
    ]


def test_forecast_without_a_mailbox_says_so():
    assert forecast(plan(mailboxes=[]), people(1)).reasons[Delay.NO_MAILBOX] == 1


def test_forecast_ends_after_sixty_days():
    found = forecast(plan(mailboxes=[MailboxPlan(1, [1] * 60, 1)]), people(60))

    assert found.reasons[Delay.BEYOND] > 0
    assert len(found.emails) == 120


def test_forecast_has_exactly_one_line_for_each_unsent_email():
    found = forecast(plan(), people(30))

    lines = [(email.enrolment, email.step) for email in found.emails]
    assert sorted(lines) == [(pk, step) for pk in range(1, 31) for step in (1, 2)]


# Of a real campaign ---------------------------------------------------------------------------


def reasons(campaign: Campaign) -> set[str]:
    return {one.reason for one in campaign_forecast(campaign, MONDAY).emails if one.step == 1}


@pytest.fixture
def clocked() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.mark.usefixtures("clocked")
def test_a_draft_is_forecast_as_if_launched_now(lawful: Any, box: Mailbox):
    campaign = running(lawful, box, status="draft")

    assert reasons(campaign) == {Delay.NOT_RUNNING}


@pytest.mark.usefixtures("clocked")
def test_a_changed_sequence_waits_for_approval(lawful: Any, box: Mailbox):
    campaign = running(lawful, box, content_version=2)

    assert reasons(campaign) == {Delay.NOT_APPROVED}


@pytest.mark.usefixtures("clocked")
def test_drafts_wait_for_review(lawful: Any, box: Mailbox):
    campaign = running(lawful, box, approval_mode=ApprovalMode.EACH_EMAIL)

    assert reasons(campaign) == {Delay.REVIEW}


@pytest.mark.usefixtures("clocked")
def test_what_is_queued_says_so(lawful: Any, box: Mailbox):
    campaign = running(lawful, box)
    compose_due()

    assert reasons(campaign) == {Delay.QUEUED}


@pytest.mark.usefixtures("clocked")
def test_a_hole_is_named(lawful: Any, box: Mailbox):
    campaign = running(lawful, box, texts=["{{ nothing }}"])
    compose_due()

    assert reasons(campaign) == {Delay.UNRESOLVED}


@pytest.mark.usefixtures("clocked")
def test_a_forecast_asks_no_more_for_three_than_for_one(
    lawful: Any, box: Mailbox, django_assert_num_queries: Any
):
    one, three = running(lawful, box), running(lawful, box, people=3)

    for campaign in (one, three):
        fresh = Campaign.objects.select_related("agency").get(pk=campaign.pk)
        with django_assert_num_queries(7):
            campaign_forecast(fresh, MONDAY)


@pytest.mark.usefixtures("clocked")
def test_the_command_prints_days_and_reasons(lawful: Any, box: Mailbox, capsys: Any):
    campaign = running(lawful, box, people=2)

    call_command("forecast", campaign.slug, "--json")

    found = json.loads(capsys.readouterr().out)
    assert found["days"]["2026-11-16"] == {box.address: 2}
    assert len(found["emails"]) == 6
    assert found["emails"][0]["to"] == Enrolment.objects.order_by("pk")[0].lead.email


def test_the_command_refuses_an_unknown_campaign(db: None):
    with pytest.raises(CommandError, match="no campaign"):
        call_command("forecast", "nothing")


def test_the_command_asks_which_agency_of_two(db: None):
    for _ in range(2):
        CampaignFactory.create(slug="same")

    with pytest.raises(CommandError, match="Several agencies"):
        call_command("forecast", "same")
