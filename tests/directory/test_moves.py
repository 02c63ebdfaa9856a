"""How a backlink's status moves, and what it refuses."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from directory.enums import (
    FACT_MOVES,
    MOVES,
    OPPORTUNITY_STATUSES,
    PERSON_MOVES,
    BacklinkStatus,
    SourceType,
)
from directory.models import Backlink, BacklinkEvent
from directory.services.moves import BacklinkMoveError, move_backlink, move_backlinks
from directory.signals import backlink_moved
from tests.factories.accounts import AgencyFactory, UserFactory
from tests.factories.directory import BacklinkFactory, OpportunityFactory

S = BacklinkStatus
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
ALLOWED = [(old, new) for old in S for new in sorted(MOVES[old])]
FORBIDDEN = [(old, new) for old in S for new in S if new not in MOVES[old]]
FOR_PEOPLE = [(old, new) for old in S for new in sorted(PERSON_MOVES[old] - FACT_MOVES[old])]

pytestmark = pytest.mark.django_db


def backlink_at(status: str) -> Backlink:
    if status in OPPORTUNITY_STATUSES:
        return OpportunityFactory.create(status=status)
    return BacklinkFactory.create(status=status)


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_person_makes_every_allowed_move(old: str, new: str) -> None:
    backlink = backlink_at(old)

    move_backlink(backlink, new, actor=UserFactory.create())

    assert Backlink.objects.get(pk=backlink.pk).status == new


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_forbidden_move_is_refused(old: str, new: str) -> None:
    backlink = backlink_at(old)

    with pytest.raises(BacklinkMoveError):
        move_backlink(backlink, new, actor=UserFactory.create())

    assert Backlink.objects.get(pk=backlink.pk).status == old


@pytest.mark.parametrize(("old", "new"), FOR_PEOPLE)
def test_judgement_is_refused_to_machines(old: str, new: str) -> None:
    with pytest.raises(BacklinkMoveError, match="Only a person"):
        move_backlink(backlink_at(old), new)


def test_move_stamps_the_time_and_the_timeline() -> None:
    backlink = backlink_at(S.RESPONDED)

    with time_machine.travel(NOON, tick=False):
        move_backlink(backlink, S.AGREED)

    event = BacklinkEvent.objects.get(backlink=backlink)
    assert backlink.agreed_at == NOON
    assert (event.summary, event.details) == ("Agreed", {"from": "responded", "to": "agreed"})


def test_taking_back_clears_what_has_not_happened() -> None:
    backlink = backlink_at(S.IN_PROGRESS)
    person = UserFactory.create()
    move_backlink(backlink, S.COMPLETED, actor=person)

    move_backlink(backlink, S.IN_PROGRESS, actor=person)

    assert (backlink.completed_at, backlink.next_check_at) == (None, None)


def test_published_link_is_due_to_be_checked() -> None:
    backlink = backlink_at(S.AGREED)

    with time_machine.travel(NOON, tick=False):
        move_backlink(backlink, S.PUBLISHED)

    assert backlink.next_check_at == NOON


def test_completed_form_without_proof_is_not_checked() -> None:
    backlink = backlink_at(S.IN_PROGRESS)

    move_backlink(backlink, S.COMPLETED, actor=UserFactory.create())

    assert backlink.next_check_at is None


def test_of_two_movers_one_is_told() -> None:
    backlink = backlink_at(S.AGREED)
    seen = Backlink.objects.get(pk=backlink.pk)
    move_backlink(backlink, S.PUBLISHED)

    with pytest.raises(BacklinkMoveError, match="meanwhile"):
        move_backlink(seen, S.REJECTED)


def test_reason_is_kept_and_forgotten_again() -> None:
    backlink = backlink_at(S.OPPORTUNITY)
    person = UserFactory.create()
    move_backlink(backlink, S.NOT_APPLICABLE, actor=person, note="Only for hotels.")
    kept = backlink.closed_reason

    move_backlink(backlink, S.OPPORTUNITY, actor=person)

    assert (kept, backlink.closed_reason) == ("Only for hotels.", "")


def test_many_move_in_queries_that_do_not_grow(django_assert_num_queries) -> None:
    agency = AgencyFactory.create()
    ids = [OpportunityFactory.create(agency=agency).pk for _ in range(3)]
    other = OpportunityFactory.create()
    person = UserFactory.create()

    with django_assert_num_queries(6):
        moved = move_backlinks(
            agency=agency,
            backlink_ids=[*ids, other.pk],
            to=S.IN_PROGRESS,
            actor=person,
        )

    other.refresh_from_db()
    assert (moved, other.status) == (3, S.OPPORTUNITY)


def test_move_is_announced() -> None:
    heard = []

    def listener(**kwargs: object) -> None:
        heard.append((kwargs["backlink_ids"], kwargs["to"]))

    backlink_moved.connect(listener)
    backlink = backlink_at(S.AGREED)
    move_backlink(backlink, S.PUBLISHED)

    assert heard == [((backlink.pk,), S.PUBLISHED)]


def test_status_of_another_source_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        BacklinkFactory.create(source_type=SourceType.OUTREACH, status=S.COMPLETED)


def test_client_has_a_directory_once() -> None:
    first = OpportunityFactory.create()

    with pytest.raises(IntegrityError), transaction.atomic():
        OpportunityFactory.create(
            agency=first.agency, client=first.client, directory=first.directory
        )


def test_untouched_opportunity_of_an_inactive_directory_is_gone() -> None:
    agency = AgencyFactory.create()
    OpportunityFactory.create(agency=agency, directory__is_active=False)
    begun = OpportunityFactory.create(
        agency=agency, directory__is_active=False, status=S.IN_PROGRESS, is_touched=True
    )
    offered = OpportunityFactory.create(agency=agency)

    found = Backlink.objects.for_agency(agency).opportunities()

    assert set(found) == {begun, offered}
