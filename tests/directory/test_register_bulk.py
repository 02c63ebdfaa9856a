"""Many backlinks of the register changed at once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from directory.enums import BacklinkStatus
from directory.models import Backlink
from tests.factories.directory import BacklinkFactory, OpportunityFactory

S = BacklinkStatus


def url(name: str, agency, *args: object) -> str:
    return reverse(f"directory:{name}", args=[agency.slug, *args])


@pytest.fixture
def member(join):
    return join(Role.MEMBER)


@pytest.fixture
def staff(member, browser_of):
    return browser_of(member)


def test_bulk_assigns_the_ticked_of_this_agency(staff, agency, member) -> None:
    mine, foreign = BacklinkFactory.create(agency=agency), BacklinkFactory.create()
    data = {"ids": [mine.pk, foreign.pk, "x"], "do": f"assign:{member.user.pk}"}

    staff.post(url("backlink_bulk", agency), data)

    mine.refresh_from_db()
    foreign.refresh_from_db()
    assert (mine.assignee, foreign.assignee) == (member.user, None)


def test_bulk_assigns_nobody_from_elsewhere(staff, agency, member) -> None:
    link = BacklinkFactory.create(agency=agency, assignee=member.user)

    staff.post(url("backlink_bulk", agency), {"ids": [link.pk], "do": "assign:999999"})

    link.refresh_from_db()
    assert link.assignee == member.user


def test_bulk_moves_all_that_match_where_the_progression_allows(staff, agency) -> None:
    responded = BacklinkFactory.create(agency=agency, status=S.RESPONDED, link_type="ugc")
    other = BacklinkFactory.create(agency=agency, status=S.RESPONDED)
    rejected = BacklinkFactory.create(agency=agency, status=S.PUBLISHED, link_type="ugc")
    data = {"scope": "all", "query": "rel=ugc", "do": "move", "to": "agreed"}

    response = staff.post(url("backlink_bulk", agency), data, follow=True)

    rows = Backlink.objects.filter(agency=agency).values_list("pk", "status")
    assert dict(rows) == {
        responded.pk: S.AGREED,
        other.pk: S.RESPONDED,
        rejected.pk: S.AGREED,  # a person may take a publication back
    }
    assert "2 links moved to agreed." in response.content.decode()


def test_bulk_says_how_many_stayed(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency, status=S.PROSPECTING)
    data = {"ids": [link.pk], "do": "move", "to": "published"}

    response = staff.post(url("backlink_bulk", agency), data, follow=True)

    assert "1 link stayed" in response.content.decode()


@pytest.mark.parametrize(
    "data", [{"to": "nonsense"}, {"to": "not_applicable"}, {"to": ""}, {"to": "completed"}]
)
def test_bulk_move_is_refused_without_what_it_needs(staff, agency, data) -> None:
    link = OpportunityFactory.create(agency=agency)

    staff.post(url("backlink_bulk", agency), {"ids": [link.pk], "do": "move"} | data)

    link.refresh_from_db()
    assert link.status == S.OPPORTUNITY


def test_bulk_has_those_checked_that_have_a_page(staff, agency) -> None:
    ready = BacklinkFactory.create(agency=agency)
    pageless = BacklinkFactory.create(agency=agency, source_url="")
    fresh = BacklinkFactory.create(agency=agency, last_checked_at=timezone.now())
    data = {"scope": "all", "query": "", "do": "check"}

    response = staff.post(url("backlink_bulk", agency), data, follow=True)

    due = Backlink.objects.filter(agency=agency, next_check_at__isnull=False)
    assert list(due) == [ready]
    assert "2 links were left out" in response.content.decode()
    assert {pageless.next_check_at, fresh.next_check_at} == {None}


def test_bulk_takes_the_same_queries_for_any_number(
    staff, agency, django_assert_max_num_queries
) -> None:
    BacklinkFactory.create_batch(30, agency=agency, status=S.RESPONDED)
    data = {"scope": "all", "query": "", "do": "move", "to": "agreed"}

    with django_assert_max_num_queries(25):
        staff.post(url("backlink_bulk", agency), data)
