"""Lanes: what a slow server may hold up, and what not."""

import threading

import pytest
from django.utils import timezone

from mailer.models import Mailbox
from mailer.services.lanes import Job, Lanes, Waiting, Width
from mailer.services.reading import reading_jobs
from tests.factories.mailer import MailboxFactory

PATIENCE = 0.2


@pytest.fixture
def noted():
    return {}


@pytest.fixture
def gate():
    """Slow servers answer when this is set."""
    found = threading.Event()
    yield found
    found.set()


def lanes(gate, noted, width):
    def work(job: Job, waiting: Waiting) -> int:
        with waiting:
            if job.mailbox_id < 0:
                gate.wait(10)
        return job.mailbox_id

    def note(job, slow):
        noted[job.mailbox_id] = slow

    return Lanes("test", width=width, patience=PATIENCE, work=work, note=note)


def test_everything_prompt_is_done(gate, noted):
    done = lanes(gate, noted, Width(2, 1, 1)).run([Job(n) for n in range(1, 8)], budget=5)

    assert sorted(done) == list(range(1, 8))
    assert set(noted.values()) == {False}


def test_servers_that_turn_slow_give_up_their_places(gate, noted):
    jobs = [Job(-1), Job(-2), *[Job(n) for n in range(1, 6)]]

    done = lanes(gate, noted, Width(2, 1, 2)).run(jobs, budget=5)

    assert sorted(done) == [1, 2, 3, 4, 5]


def test_the_call_returns_without_the_slow_ones_and_they_go_on(gate, noted):
    running = lanes(gate, noted, Width(2, 1, 1))

    done = running.run([Job(-1), Job(1)], budget=5)
    gate.set()
    running._pool.shutdown()

    assert done == [1]
    assert noted == {1: False, -1: True}


def test_known_slow_servers_share_their_own_places(gate, noted):
    jobs = [*[Job(-n, slow=True) for n in range(1, 9)], Job(1)]
    running = lanes(gate, noted, Width(1, 2, 1))

    done = running.run(jobs, budget=5)
    gate.set()
    running._pool.shutdown()

    assert done == [1]
    assert sorted(noted) == [-2, -1, 1]


def test_slow_ones_of_an_earlier_call_take_no_place_of_a_later_one(gate, noted):
    running = lanes(gate, noted, Width(1, 1, 2))
    running.run([Job(-1)], budget=5)

    assert running.run([Job(1)], budget=5) == [1]


def test_a_prompt_turn_over_the_budget_is_left_running(gate, noted):
    running = lanes(gate, noted, Width(1, 1, 1))
    running.patience = 60

    assert running.run([Job(-1), Job(1)], budget=0.3) == []
    gate.set()
    running._pool.shutdown()

    assert noted == {-1: False}


def test_the_clock_of_a_wait_begins_anew_after_each_success():
    waiting = Waiting()
    with waiting:
        during = waiting.seconds
    after = waiting.seconds
    waiting.restart()

    assert 0 <= during <= after
    assert (waiting.seconds, waiting.longest) == (0.0, after)


def test_mailbox_that_is_never_read_does_not_keep_another_from_its_turn(agency):
    for _ in range(2):
        MailboxFactory.create(agency=agency, last_read_error="No answer.", imap_host="127.0.0.1")
    pks = list(Mailbox.objects.order_by("pk").values_list("pk", flat=True))

    first = {reading_jobs(pks, timezone.now())[0].mailbox_id for _ in range(100)}

    assert first == set(pks)
