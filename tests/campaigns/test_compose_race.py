"""Several workers compose at once: every enrolment is composed by exactly one."""

import threading
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import Agency
from campaigns.enums import StopReason
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.services import moves
from campaigns.services.compose import compose_due
from campaigns.services.stops import finish_enrolments
from mailer.enums import MessageStatus
from mailer.models import Message
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.factories.outreach import running

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]
PEOPLE = 60


@pytest.fixture
def lively() -> Agency:
    """An agency with one running campaign whose people are all due."""
    agency = AgencyFactory.create()
    AssessmentFactory.create(agency=agency)
    running(agency, MailboxFactory.create(agency=agency), people=PEOPLE)
    return agency


def together(*acts: Any) -> None:
    """Run the acts at the same moment, each in a thread with a connection of its own."""
    start = threading.Barrier(len(acts))
    failed: list[BaseException] = []

    def run(act: Any) -> None:
        try:
            start.wait()
            act()
        except Exception as error:  # noqa: BLE001  # handed to the test
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_workers_that_compose_together_make_each_email_once(lively: Agency):
    together(compose_due, compose_due, compose_due, compose_due)

    assert Message.objects.count() == PEOPLE
    assert StepEmail.objects.exclude(message=None).count() == PEOPLE


def test_a_stop_that_races_a_composer_leaves_nothing_queued(lively: Agency):
    def stop() -> None:
        finish_enrolments(
            Enrolment.objects.filter(agency=lively), agency=lively, reason=StopReason.REPLIED
        )

    together(compose_due, stop, compose_due)

    assert not Message.objects.filter(status=MessageStatus.QUEUED).exists()


def test_a_pause_that_races_a_composer_leaves_nothing_free_to_go(lively: Agency):
    def pause() -> None:
        moves.pause(Campaign.objects.select_related("agency").get(), actor=None)

    together(compose_due, pause, compose_due)

    assert not Message.objects.filter(status=MessageStatus.QUEUED, held=False).exists()
