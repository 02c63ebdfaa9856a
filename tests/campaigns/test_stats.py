"""The daily figures, kept as things happen, equal what the messages say."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.models import Campaign, DailyStat, Enrolment
from campaigns.services.compose import compose_due
from campaigns.services.outcomes import record_new_intent
from campaigns.services.stats import rebuild_figures, stored_figures, true_figures
from mailer.enums import AgentClass, EventKind, Intent
from mailer.models import Message
from mailer.services.sending import send_due
from mailer.services.tracking import record_fetch
from mailer.services.unsubscribe import unsubscribe_by_link
from tests.campaigns.test_stops import bounce, reply_to
from tests.factories.outreach import running

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def lived(lawful: Any, mailbox: Any) -> Campaign:
    """A campaign of five people to whom everything happened once."""
    campaign = running(lawful, mailbox, people=5)
    compose_due()
    send_due()
    Message.objects.update(sent_at=timezone.now() - dt.timedelta(hours=1))
    one, two, three, four, five = Message.objects.order_by("pk")
    record_fetch(one, EventKind.CLICKED, method="GET", headers=PERSON, url="https://x.example")
    record_fetch(one, EventKind.OPENED, method="GET", headers=PERSON)
    reply_to(two, intent=Intent.INTERESTED)
    reply_to(two, intent=Intent.INTERESTED, message_id="<again@x.example>")
    reply_to(three, intent=Intent.OTHER)
    bounce(four)
    bounce(four)
    unsubscribe_by_link(lawful, five, one_click=True)
    return campaign


def figures(campaign: Campaign) -> dict[str, int]:
    rows = stored_figures(campaign).values()
    return {name: sum(row[name] for row in rows) for name in next(iter(rows))}


def test_figures_count_each_thing_once(lived: Campaign):
    assert figures(lived) == {
        "sent": 5,
        "opened": 1,
        "clicked": 1,
        "replied": 2,
        "interested": 1,
        "bounced": 1,
        "unsubscribed": 1,
        "complained": 0,
    }


def test_figures_kept_equal_figures_rebuilt(lived: Campaign):
    kept = stored_figures(lived)

    rebuild_figures(lived)

    assert stored_figures(lived) == kept == true_figures(lived)


def test_machine_opens_are_not_counted(lawful: Any, mailbox: Any):
    campaign = running(lawful, mailbox)
    compose_due()
    send_due()
    event = record_fetch(Message.objects.get(), EventKind.OPENED, method="HEAD", headers={})

    assert event.agent == AgentClass.MACHINE
    assert figures(campaign)["opened"] == 0


def test_the_funnel_counts_people(lived: Campaign):
    rows = Enrolment.objects.filter(campaign=lived)

    assert rows.filter(opened_at__isnull=False).count() == 1
    assert rows.filter(clicked_at__isnull=False).count() == 1
    assert rows.filter(replied_at__isnull=False).count() == 2
    assert rows.filter(interested_at__isnull=False).count() == 1


@pytest.mark.parametrize("intent", [Intent.OTHER, Intent.INTERESTED])
def test_a_corrected_intent_is_counted_anew(lived: Campaign, intent: str):
    inbound = Message.objects.order_by("pk")[2].answers.get()
    inbound.intent = intent
    inbound.save()

    record_new_intent(inbound)

    assert stored_figures(lived) == true_figures(lived)


def test_a_correction_back_takes_the_count_back(lived: Campaign):
    inbound = Message.objects.order_by("pk")[2].answers.get()
    for intent in (Intent.INTERESTED, Intent.QUESTION):
        inbound.intent = intent
        inbound.save()
        record_new_intent(inbound)

    assert stored_figures(lived) == true_figures(lived)


def test_rebuild_stats_check_fails_when_figures_differ(lived: Campaign):
    DailyStat.objects.update(sent=99)

    with pytest.raises(CommandError, match="1 campaigns differ"):
        call_command("rebuild_stats", "--check")


def test_rebuild_stats_mends_the_figures(lived: Campaign):
    DailyStat.objects.update(sent=99)

    call_command("rebuild_stats")
    call_command("rebuild_stats", "--check")

    assert figures(lived)["sent"] == 5
