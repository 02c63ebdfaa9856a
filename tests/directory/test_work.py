"""Working an opportunity: ticks, notes, proof, and how it ends."""

import pytest

from directory.enums import BacklinkStatus
from directory.models import Backlink, BacklinkEvent
from directory.services import work
from tests.factories.accounts import AgencyFactory, UserFactory
from tests.factories.directory import OpportunityFactory

S = BacklinkStatus
pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db: None):
    return UserFactory.create(name="Ann")


def test_first_tick_begins_the_work(person) -> None:
    backlink = work.tick_step(OpportunityFactory.create(), 0, done=True, actor=person)

    assert (backlink.status, backlink.steps_done, backlink.is_touched) == (S.IN_PROGRESS, 1, True)
    assert backlink.steps[0]["done_by_name"] == "Ann"


def test_tick_is_taken_back(person) -> None:
    backlink = work.tick_step(OpportunityFactory.create(), 1, done=True, actor=person)

    work.tick_step(backlink, 1, done=False, actor=person)

    assert backlink.steps_done == 0


def test_of_two_who_tick_at_once_one_is_told(person) -> None:
    backlink = OpportunityFactory.create()
    seen = Backlink.objects.get(pk=backlink.pk)
    work.tick_step(backlink, 0, done=True, actor=person)

    with pytest.raises(work.WorkError, match="meanwhile"):
        work.tick_step(seen, 1, done=True, actor=person)


@pytest.mark.parametrize("index", [-1, 2, 99])
def test_step_that_is_not_there_is_refused(index: int, person) -> None:
    with pytest.raises(work.WorkError):
        work.tick_step(OpportunityFactory.create(), index, done=True, actor=person)


def test_completing_from_the_start_passes_through_the_work(person) -> None:
    backlink = work.complete(OpportunityFactory.create(), actor=person)

    moves = BacklinkEvent.objects.filter(backlink=backlink).order_by("pk")
    assert [event.summary for event in moves] == ["In progress", "Completed"]


def test_proof_is_where_the_link_is_looked_for(person) -> None:
    proof = "https://listing.example/teeth"

    backlink = work.complete(OpportunityFactory.create(), actor=person, proof_url=proof)

    assert (backlink.source_url, backlink.next_check_at is not None) == (proof, True)


def test_proof_given_later_has_the_page_checked(person) -> None:
    backlink = work.complete(OpportunityFactory.create(), actor=person)
    proof = "https://listing.example/teeth"

    work.save_work(backlink, fields={"proof_url": proof}, actor=person)

    assert (backlink.source_url, backlink.next_check_at is not None) == (proof, True)


def test_dismissal_needs_a_reason(person) -> None:
    with pytest.raises(work.WorkError, match="Say why"):
        work.dismiss(OpportunityFactory.create(), actor=person, reason="  ")


@pytest.mark.parametrize(("ticked", "expected"), [(False, S.OPPORTUNITY), (True, S.IN_PROGRESS)])
def test_dismissal_is_taken_back(ticked: object, expected: str, person) -> None:
    backlink = OpportunityFactory.create()
    if ticked:
        work.tick_step(backlink, 0, done=True, actor=person)
    work.dismiss(backlink, actor=person, reason="Hotels only.")

    assert work.undo(backlink, actor=person).status == expected


def test_saving_nothing_new_says_nothing(person) -> None:
    backlink = OpportunityFactory.create(notes="As it was")

    work.save_work(backlink, fields={"notes": "As it was"}, actor=person)

    assert not BacklinkEvent.objects.exists()


def test_many_are_assigned_in_queries_that_do_not_grow(person, django_assert_num_queries) -> None:
    agency = AgencyFactory.create()
    for count in (1, 3):
        ids = [row.pk for row in OpportunityFactory.create_batch(count, agency=agency)]
        with django_assert_num_queries(5):
            changed = work.assign_many(
                agency=agency, backlink_ids=ids, assignee=person, actor=person
            )
        assert changed == count


def test_many_are_dismissed_of_ones_own_agency_only(person) -> None:
    mine, theirs = OpportunityFactory.create(), OpportunityFactory.create()

    count = work.dismiss_many(
        agency=mine.agency, backlink_ids=[mine.pk, theirs.pk], actor=person, reason="No."
    )

    theirs.refresh_from_db()
    assert (count, theirs.status) == (1, S.OPPORTUNITY)
