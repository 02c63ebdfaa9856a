"""From a due link to what is known of it: leases, confirmation, the schedule, the facts told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from directory import signals
from directory.enums import BacklinkStatus, Verdict
from directory.models import Backlink, BacklinkCheck, BacklinkEvent
from directory.services.checking import CheckError, check_due_links, check_links, check_now
from directory.services.claiming import claim, claim_due
from directory.services.recording import release
from integrations.models import CrawlTurn
from tests.factories.directory import BacklinkFactory
from tests.servers.link_pages import article
from tests.servers.web import WebServer, web_running

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TARGET = "https://acme.example/guide"
GOOD = article(f'<a href="{TARGET}">Acme</a>')
NOFOLLOW = article(f'<a rel="nofollow" href="{TARGET}">Acme</a>')
GONE = article("nothing")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(settings) -> Iterator[WebServer]:
    settings.CRAWLER_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    settings.CRAWLER_DELAY = 0.0
    with web_running() as server:
        yield server


@pytest.fixture
def told() -> Iterator[list[str]]:
    """Return the names of the facts announced, as they come."""
    names: list[str] = []
    heard = {}
    for name in ("link_live", "link_broken", "link_changed", "link_restored"):
        heard[name] = lambda sender, name=name, **_: names.append(name)
        getattr(signals, name).connect(heard[name])
    yield names
    for name, hear in heard.items():
        getattr(signals, name).disconnect(hear)


@pytest.fixture
def placed(site) -> Callable[..., Backlink]:
    """Make a published link of the local site, due now."""

    def make(path: str = "/a", **values: object) -> Backlink:
        given = {
            "status": BacklinkStatus.PUBLISHED, "published_at": timezone.now(),
            "source_url": site.url(path), "target_url": TARGET, "expected_rel": "dofollow",
            "next_check_at": timezone.now(),
        }  # fmt: skip
        return BacklinkFactory.create(**{**given, **values})

    return make


def look(link: Backlink) -> Backlink:
    """Check a link now, whenever it is due."""
    Backlink.objects.filter(pk=link.pk).update(next_check_at=timezone.now())
    assert check_links([link.pk]) == 1
    link.refresh_from_db()
    return link


def wait(link: Backlink) -> timedelta:
    assert link.next_check_at is not None
    return link.next_check_at - timezone.now()


def test_live_link_is_stored_with_its_evidence(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    check = BacklinkCheck.objects.get()
    assert (link.verdict, link.is_live, wait(link)) == (Verdict.LIVE, True, timedelta(days=1))
    assert (check.found_rel, check.found_anchor, check.found_target) == ("dofollow", "Acme", TARGET)
    assert (check.http_status, check.evidence["chain"]) == (200, [[site.url("/a"), 200]])
    assert told == ["link_live"]


@pytest.mark.parametrize(
    ("age", "days"), [(0, 1), (6, 1), (7, 7), (29, 7), (30, 30), (182, 30), (183, 91), (900, 91)]
)
def test_healthy_link_is_looked_at_less_with_age(clock, site, placed, age, days):
    site.page("/a", GOOD)
    link = look(placed(published_at=NOON - timedelta(days=age)))
    assert wait(link) == timedelta(days=days)


def test_lost_link_alarms_after_two_further_looks(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    site.page("/a", GONE)
    seen = []
    for _ in range(3):
        look(link)
        seen.append((link.verdict, link.is_live, wait(link)))
        clock.move_to(link.next_check_at)
    hour = timedelta(hours=1)
    assert seen == [
        (Verdict.LIVE, True, hour),
        (Verdict.LIVE, True, 6 * hour),
        (Verdict.MISSING, False, 24 * hour),
    ]
    assert told == ["link_live", "link_broken"]
    assert [check.is_recheck for check in BacklinkCheck.objects.order_by("pk")] == [
        False, False, True, True,
    ]  # fmt: skip


def test_known_loss_alarms_once(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    site.page("/a", GONE)
    for _ in range(6):
        look(link)
    assert told == ["link_live", "link_broken"]


def test_moment_of_absence_alarms_nobody(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    site.page("/a", GONE)
    look(link)
    site.page("/a", GOOD)
    look(link)
    assert (told, link.check_attempts, wait(link)) == (["link_live"], 0, timedelta(days=1))


def test_changed_rel_is_told_with_what_changed(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    site.page("/a", NOFOLLOW)
    for _ in range(3):
        look(link)
    assert told == ["link_live", "link_changed"]
    assert link.changes == [{"what": "rel", "expected": "dofollow", "found": "nofollow"}]
    assert link.is_live


def test_mended_link_is_told(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    site.page("/a", GONE)
    for _ in range(3):
        look(link)
    site.page("/a", GOOD)
    look(link)
    assert told == ["link_live", "link_broken", "link_restored"]
    assert (link.verdict, link.lost_at) == (Verdict.LIVE, None)


def test_page_that_cannot_be_read_alarms_nobody(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    site.page("/a", {"status": 403})
    waits = []
    for _ in range(4):
        look(link)
        waits.append(wait(link) / timedelta(hours=1))
    assert (told, link.verdict, link.is_live) == (["link_live"], Verdict.UNVERIFIABLE, True)
    assert waits == [1, 6, 24, 24]


def test_looks_that_disagree_confirm_nothing(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed())
    for page in (GONE, {"status": 500}, GONE, {"status": 500}, GONE):
        site.page("/a", page)
        look(link)
    assert (told, link.verdict) == (["link_live"], Verdict.LIVE)


def test_link_never_seen_is_shown_as_missing_without_alarm(clock, site, placed, told):
    site.page("/a", GONE)
    link = look(placed())
    waits = [wait(link)]
    for _ in range(3):
        look(link)
        waits.append(wait(link))
    assert (told, link.verdict, link.is_live) == ([], Verdict.MISSING, False)
    assert [one / timedelta(hours=1) for one in waits] == [1, 6, 24, 24]


def test_agreed_link_seen_as_agreed_counts_as_published(clock, site, placed, told):
    site.page("/a", GOOD)
    link = look(placed(status=BacklinkStatus.AGREED, published_at=None))
    assert (link.status, told, wait(link)) == (
        BacklinkStatus.PUBLISHED,
        ["link_live"],
        timedelta(days=1),
    )


def test_agreed_link_on_other_terms_is_not_published(clock, site, placed, told):
    site.page("/a", NOFOLLOW)
    link = look(placed(status=BacklinkStatus.AGREED, published_at=None))
    assert (link.status, told) == (BacklinkStatus.AGREED, ["link_live"])


def test_closed_page_is_known_not_to_be_indexed(clock, site, placed, told):
    site.page(
        "/a", article(f'<a href="{TARGET}">x</a>', head='<meta name="robots" content="noindex">')
    )
    link = placed(first_live_at=NOON, verdict=Verdict.LIVE, is_live=True)
    for _ in range(3):
        look(link)
    assert (link.verdict, link.is_indexed, told) == (Verdict.NOT_INDEXABLE, False, ["link_changed"])


def test_alarm_stands_in_the_timeline(clock, site, placed):
    site.page("/a", GONE)
    link = placed(first_live_at=NOON, verdict=Verdict.LIVE, is_live=True)
    for _ in range(3):
        look(link)
    event = BacklinkEvent.objects.get()
    assert (event.kind, event.summary[:5]) == ("alarm", "Lost:")


# Leases ----------------------------------------------------------------------------------------


def test_link_is_claimed_once(placed):
    link = placed()
    assert (claim_due(size=10), claim_due(size=10), claim([link.pk])) == ([link], [], [])


def test_lease_that_ran_out_is_taken_up(placed, settings):
    settings.LINK_CHECK_LEASE = 60
    link = placed()
    claim_due(size=10)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert claim_due(size=10) == [link]


def test_worker_that_lost_its_lease_stores_nothing(site, placed, settings):
    site.page("/a", GOOD)
    link = placed()
    settings.LINK_CHECK_LEASE = 0
    (ours,) = claim([link.pk])
    settings.LINK_CHECK_LEASE = 60
    (theirs,) = claim([link.pk])
    release([ours], next_check_at=None)
    link.refresh_from_db()
    assert link.check_token == theirs.check_token


def test_batch_holds_few_links_of_one_site(placed):
    for number in range(8):
        placed(f"/{number}", source_domain="big.example")
    small = placed("/x", source_domain="small.example")
    claimed = claim_due(size=100)
    assert (len(claimed), small in claimed) == (6, True)


def test_link_that_is_not_due_is_left(placed):
    placed(next_check_at=timezone.now() + timedelta(minutes=5))
    placed(next_check_at=None)
    assert check_due_links() == 0


def test_link_without_a_page_is_not_tried_again(placed):
    link = placed(source_url="", proof_url="")
    assert check_due_links() == 0
    link.refresh_from_db()
    assert (link.next_check_at, link.check_token) == (None, "")


def test_queries_do_not_grow_with_links(site, placed, django_assert_max_num_queries):
    site.page("/a", GOOD)
    for _ in range(20):
        placed()
    with django_assert_max_num_queries(40):
        assert check_due_links() == 20


def test_busy_host_is_put_off_without_a_check(site, placed, settings):
    settings.LINK_CHECK_PATIENCE = 0.1
    CrawlTurn.objects.create(host="127.0.0.1", free_at=4e9, holder="other")
    link = placed()
    check_due_links()
    link.refresh_from_db()
    assert BacklinkCheck.objects.count() == 0
    assert timedelta(minutes=4) < wait(link) <= timedelta(minutes=5)


# By hand ----------------------------------------------------------------------------------------


def test_check_now_makes_the_link_due(placed):
    link = placed(next_check_at=None)
    check_now(link)
    assert claim_due(size=10) == [link]


def test_check_now_is_refused_while_it_is_being_checked(placed):
    link = placed()
    claim([link.pk])
    with pytest.raises(CheckError, match="being checked"):
        check_now(link)


def test_check_now_is_refused_a_moment_after_a_check(placed):
    link = placed(last_checked_at=timezone.now())
    with pytest.raises(CheckError, match="a minute ago"):
        check_now(link)


def test_check_now_needs_a_page(placed):
    with pytest.raises(CheckError, match="Fill in"):
        check_now(placed(source_url=""))
