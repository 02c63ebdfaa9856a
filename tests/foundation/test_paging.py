import pytest

from accounts.models import Agency
from foundation.paging import counted, keyset_page
from tests.factories.accounts import AgencyFactory

pytestmark = pytest.mark.django_db
ORDER = ("-time_zone", "name", "pk")


@pytest.fixture
def five() -> list[str]:
    """Agencies in two time zones; returns their names in ORDER."""
    for name, zone in (
        ("a", "UTC"),
        ("b", "UTC"),
        ("b2", "UTC"),
        ("c", "Asia/Tokyo"),
        ("d", "Asia/Tokyo"),
    ):
        AgencyFactory.create(name=name, time_zone=zone)
    return ["a", "b", "b2", "c", "d"]


def page(cursor="", size=2, order=ORDER):
    return keyset_page(Agency.objects.all(), order=order, cursor=cursor, size=size)


def names(found):
    return [agency.name for agency in found.rows]


def test_keyset_page_walks_forward_over_every_row_once(five):
    seen, cursor = [], ""
    while True:
        found = page(cursor)
        seen += names(found)
        cursor = found.next_cursor
        if not cursor:
            break

    assert seen == five


def test_keyset_page_walks_back_to_where_it_came_from(five):
    first = page()
    second = page(first.next_cursor)

    assert names(page(second.previous_cursor)) == names(first)


def test_keyset_page_first_has_no_previous(five):
    assert page().previous_cursor == ""


def test_keyset_page_reached_backwards_knows_the_first_page(five):
    back = page(page(page().next_cursor).previous_cursor)

    assert (back.previous_cursor, bool(back.next_cursor)) == ("", True)


def test_keyset_page_last_has_no_next(five):
    assert page(size=5).next_cursor == ""


@pytest.mark.parametrize("cursor", ["x", "bm9wZQ", "W10", "WzEsWzFdXQ", "%00", "é"])
def test_keyset_page_takes_a_malformed_cursor_for_the_first_page(five, cursor):
    assert names(page(cursor)) == ["a", "b"]


def test_keyset_page_of_nothing_is_empty():
    found = page()

    assert (found.rows, found.next_cursor, found.previous_cursor) == ([], "", "")


def test_keyset_page_orders_by_moments(five):
    order = ("-created_at", "-pk")
    first = page(order=order)

    assert names(page(first.next_cursor, order=order)) == ["b2", "b"]


def test_keyset_page_does_not_skip_rows_added_meanwhile(five):
    first = page()
    AgencyFactory.create(name="bb", time_zone="UTC")

    assert names(page(first.next_cursor)) == ["b2", "bb"]


def test_keyset_page_takes_one_query(five, django_assert_num_queries):
    with django_assert_num_queries(1):
        page(size=5)


def test_counted_is_exact_up_to_its_limit(five):
    assert counted(Agency.objects.all(), limit=5) == (5, False)


def test_counted_stops_past_its_limit(five):
    assert counted(Agency.objects.all(), limit=3) == (3, True)
