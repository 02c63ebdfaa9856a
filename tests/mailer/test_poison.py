"""An e-mail that workers die of, or cannot prepare, is set aside and stops no other."""

import datetime as dt
from typing import Any

from mailer.enums import EventKind, MessageStatus
from mailer.models import Mailbox, MessageEvent
from mailer.services.claims import claim_messages, hand_over
from mailer.services.leases import end_lease, take_lease
from mailer.services.poison import record_stumble
from mailer.services.sending import reap, send_due
from tests.mailer.steps import NOW, queue, slots_used, status_of
from tests.servers.smtp import SmtpServer


def die_with(mailbox: Mailbox, at: dt.datetime, *, after_hand_over: bool = False) -> list[int]:
    """Claim like a worker that is then killed; return what it had in hand."""
    lease = take_lease(mailbox.pk, now=at)
    assert lease is not None
    batch, _ = claim_messages(lease, now=at, size=25)
    if after_hand_over:
        assert hand_over(lease, batch[0], now=at, next_send_at=None)
    Mailbox.objects.filter(pk=mailbox.pk).update(lease_until=at - dt.timedelta(seconds=1))
    reap(now=at)
    return [message.pk for message in batch]


def minutes(number: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def test_what_three_workers_died_of_is_set_aside_with_its_reason(mailbox: Mailbox, heard: Any):
    message = queue(mailbox)

    for number in range(3):
        die_with(mailbox, minutes(2 * number))

    assert status_of(message) == MessageStatus.FAILED
    assert message.last_error.startswith("Three workers in a row stopped")
    assert slots_used() == 0
    assert [name for name, _ in heard] == ["failed"]
    assert MessageEvent.objects.get(message=message).kind == EventKind.FAILED


def test_after_a_death_each_is_claimed_alone(mailbox: Mailbox):
    messages = [queue(mailbox) for _ in range(3)]

    first = die_with(mailbox, NOW)
    second = die_with(mailbox, NOW)

    assert len(first) == 3
    assert second == [messages[0].pk]


def test_a_second_death_makes_it_wait_for_the_others(mailbox: Mailbox):
    messages = [queue(mailbox) for _ in range(2)]

    for _ in range(2):
        die_with(mailbox, NOW)
    third = die_with(mailbox, NOW)

    assert third == [messages[1].pk]


def test_deaths_count_in_a_row_only(mailbox: Mailbox, smtp: SmtpServer):
    message = queue(mailbox)
    smtp.answers["data"][message.to_address] = ["451 4.7.1 greylisted"]
    for number in range(2):
        die_with(mailbox, minutes(2 * number))

    send_due(now=minutes(10))

    assert status_of(message) == MessageStatus.QUEUED
    assert message.deaths == 0


def test_a_death_after_the_point_of_no_return_is_uncertain_and_no_poison(mailbox: Mailbox):
    message = queue(mailbox)
    for number in range(2):
        die_with(mailbox, minutes(2 * number))

    die_with(mailbox, minutes(4), after_hand_over=True)

    assert status_of(message) == MessageStatus.UNCERTAIN


def test_what_cannot_be_prepared_is_set_aside_after_three_tries(mailbox: Mailbox):
    poison = queue(mailbox)
    seen = []

    for number in range(3):
        lease = take_lease(mailbox.pk, now=minutes(2 * number))
        assert lease is not None
        claim_messages(lease, now=minutes(2 * number), size=1)
        record_stumble(lease, poison, ValueError("odd"), now=minutes(2 * number))
        end_lease(lease)
        seen.append(status_of(poison))

    assert seen == [MessageStatus.QUEUED, MessageStatus.QUEUED, MessageStatus.FAILED]
    assert "The last error was ValueError: odd." in poison.last_error
    assert slots_used() == 0
