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
from mailer.models import Message, MessageEvent
from mailer.services.fetches import record_visits
from mailer.services.sending import send_due
from mailer.services.unsubscribe import unsubscribe_by_link
from tests.campaigns.test_stops import bounce, reply_to
from tests.factories.mailer import visit
from tests.factories.outreach import running


@pytest.fixture
def lived(lawful: Any, mailbox: Any) -> Campaign:
    """A campaign of five people to whom everything happened once."""
    campaign = running(lawful, mailbox, people=5)
    compose_due()
    send_due()
    Message.objects.update(sent_at=timezone.now() - dt.timedelta(hours=1))
    one, two, three, four, five = Message.objects.order_by("pk")
    Message.objects.filter(pk=one.pk).update(links=["https://x.example"])
    record_visits([visit(one, EventKind.CLICKED), visit(one, EventKind.OPENED)])
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
    record_visits([visit(Message.objects.get(), EventKind.OPENED, method="HEAD")])

    assert MessageEvent.objects.get(kind=EventKind.OPENED).agent == AgentClass.MACHINE
    assert figures(campaign)["opened"] == 0


def test_the_funnel_counts_people(lived: Campaign):
    rows = Enrolment.objects.filter(campaign=lived)

    assert rows.filter(opened_at__isnull=False).count() == 1
    assert rows.filter(clicked_at__isnull=False).count() == 1
    assert rows.filter(replied_at__isnull=False).count() == 2
    assert rows.filter(interested_at__isnull=False).count() == 1


def test_a_person_who_proves_a_machine_is_taken_out_of_every_figure(lived: Campaign):
    one = Message.objects.order_by("pk")[0]

    record_visits([visit(one, EventKind.TRAPPED)])

    one.refresh_from_db()
    assert one.opened_at is one.clicked_at is None
    assert (figures(lived)["opened"], figures(lived)["clicked"]) == (0, 0)
    assert stored_figures(lived) == true_figures(lived)
    assert not Enrolment.objects.filter(opened_at__isnull=False).exists()


def test_an_earlier_visit_heard_of_later_moves_the_day(lived: Campaign):
    one = Message.objects.order_by("pk")[0]
    sent = timezone.now() - dt.timedelta(days=4)
    Message.objects.filter(pk=one.pk).update(sent_at=sent)
    seen = sent + dt.timedelta(days=1)
    true_before = figures(lived)["opened"]

    record_visits([visit(one, EventKind.OPENED, at=seen.timestamp())])

    one.refresh_from_db()
    assert one.opened_at == seen
    assert figures(lived)["opened"] == true_before
    opened = DailyStat.objects.filter(campaign=lived, opened__gt=0).values_list("date", flat=True)
    assert list(opened) == [seen.astimezone(lived.agency.zone).date()]


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
