"""The outbox's invariants: whole after real work, and each breach found and named."""

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.models import SendCounter
from mailer.enums import MessageStatus
from mailer.models import Mailbox, Message, MessageEvent, OutboxCheck
from mailer.selectors_checks import check_alarm
from mailer.services.invariants import check_outbox, record_check
from mailer.services.sending import send_due
from mailer.services.uncertain import give_up, send_again
from tests.factories.mailer import MessageFactory
from tests.mailer.steps import queue
from tests.servers.smtp import SmtpServer

LONG_AGO = timezone.now() - dt.timedelta(hours=1)


def broken() -> list[str]:
    return [finding.rule for finding in check_outbox(patience=dt.timedelta()).findings]


def test_everything_holds_after_every_kind_of_end(mailbox: Mailbox, smtp: SmtpServer):
    answers: dict[str, Any] = {
        "": MessageStatus.SENT,
        "451 4.7.1 later": MessageStatus.QUEUED,
        "550 5.1.1 no such user": MessageStatus.FAILED,
        "keep": MessageStatus.UNCERTAIN,
    }
    messages = [queue(mailbox) for _ in range(6)]
    script = [*answers, "keep", "keep"]
    for message, answer in zip(messages, script, strict=True):
        smtp.answers["data"][message.to_address] = [answer]

    for _ in range(3):  # a line lost three times in a row ends a pass
        send_due()
    send_again(Message.objects.get(pk=messages[4].pk))
    send_due()
    give_up(messages[5], words="Ann asked.", now=timezone.now())

    assert broken() == []
    assert set(check_outbox().states) == set(answers.values())


BREACHES: dict[str, dict[str, Any]] = {
    "Nothing is in a worker’s hands that holds no lease": {
        "status": "claimed",
        "claimed_by": "gone",
        "claimed_at": LONG_AGO,
        "claimed_fence": 7,
    },
    "What waits or has ended is nobody’s": {"claimed_by": "someone"},
    "What waits or has ended holds no cap slots": {
        "reservations": [{"scope": "user", "key": "1:1", "period": "2020-01-01T00:00:00+00:00"}]
    },
    "What was stopped does not wait again": {"recalled": "They replied."},
    "Only sent messages were announced": {"announced": True},
    "Every sent message was announced": {
        "status": "sent",
        "sent_at": LONG_AGO,
        "smtp_reply": "250 ok",
    },
    "Every announced message has its event": {
        "status": "sent",
        "sent_at": LONG_AGO,
        "smtp_reply": "250 ok",
        "announced": True,
    },
}


@pytest.mark.parametrize("rule", BREACHES)
def test_a_breach_is_found_and_its_row_named(mailbox: Mailbox, rule: str):
    message = MessageFactory.create(mailbox=mailbox, **BREACHES[rule])

    (finding,) = check_outbox(patience=dt.timedelta()).findings

    assert finding.rule == rule
    assert finding.rows == [f"message {message.pk} ({message.status})"]


def test_two_events_of_being_sent_are_found(mailbox: Mailbox, smtp: SmtpServer):
    queue(mailbox)
    send_due()
    event = MessageEvent.objects.get(kind="sent")
    event.pk = None
    event.save()

    assert broken() == ["No message has two events of being sent"]


@pytest.mark.parametrize("change", [1, -1])
def test_a_counter_that_says_other_than_its_messages_is_found(mailbox, smtp, change: int):
    queue(mailbox)
    queue(mailbox)
    send_due()
    counter = SendCounter.objects.filter(scope="mailbox_day").get()
    SendCounter.objects.filter(pk=counter.pk).update(used=counter.used + change)

    (finding,) = check_outbox().findings

    assert finding.rule == "Every cap counter is what the messages hold"
    assert f"says {2 + change}, messages hold 2" in finding.rows[0]


def test_the_command_prints_json_and_fails_when_something_is_broken(mailbox: Mailbox):
    good, bad = StringIO(), StringIO()
    call_command("check_outbox", json=True, stdout=good)
    message = MessageFactory.create(mailbox=mailbox, claimed_by="someone")

    with pytest.raises(CommandError) as raised:
        call_command("check_outbox", json=True, stdout=bad)

    assert json.loads(good.getvalue())["broken"] == 0
    assert raised.value.returncode == 1
    assert f"message {message.pk}" in bad.getvalue()


def test_the_nightly_check_tells_operators(mailbox: Mailbox):
    record_check()
    before = check_alarm(timezone.now())
    MessageFactory.create(mailbox=mailbox, claimed_by="someone")
    kept = record_check()

    assert before == ""
    assert OutboxCheck.objects.get(pk=kept.pk).findings[0]["count"] == 1
    assert "found 1 row that breaks its rules" in check_alarm(timezone.now())


def test_a_check_that_does_not_run_is_an_alarm_too(mailbox: Mailbox):
    later = timezone.now() + dt.timedelta(hours=37)

    assert check_alarm(later) == ""
    MessageFactory.create(mailbox=mailbox)
    assert "has not run" in check_alarm(later)
