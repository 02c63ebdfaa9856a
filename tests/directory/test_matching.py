"""Which sites suit which client, in what order and why, and what a search leaves alone."""

import datetime as dt
from dataclasses import replace

import pytest
import time_machine
from django.utils import timezone

from benchmarks import matching as benchmark
from directory.enums import BacklinkStatus, MatchStatus
from directory.models import Backlink, MatchingPreference, MatchRun
from directory.rules.matching import (
    ClientWishes,
    SiteProfile,
    affordable,
    client_wishes,
    countries_of,
    match,
    site_profile,
)
from directory.rules.topics import topics_of
from directory.services.matching import Outcome, find_opportunities
from directory.services.searches import (
    due_searches,
    run_search,
    start_daily_searches,
    start_search,
)
from directory.tasks import match_opportunities, run_due_searches
from tests.factories.accounts import AgencyFactory, ClientFactory
from tests.factories.directory import BacklinkFactory, DirectoryFactory, DirectoryStepFactory

DENTIST = client_wishes(
    industry="Dental clinic", subcategories=["Implants"], regions=["United Kingdom"], language="en"
)


def site(**changes: object) -> SiteProfile:
    plain = {
        "category": "business_directory",
        "subcategory": "General",
        "industries": [],
        "regions": ["GLOBAL"],
        "languages": [],
        "link_type": "nofollow",
        "is_free": True,
        "difficulty": "easy",
        "rating": None,
    }
    return site_profile(**{**plain, **changes})  # type: ignore[arg-type]  # a table of values


def relevance(wishes: ClientWishes, profile: SiteProfile) -> int:
    found = match(wishes, profile)
    return found.relevance if found else 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 4),
        ({"subcategory": "Healthcare"}, 6),
        ({"industries": ["Dentists"]}, 6),
        ({"subcategory": "Legal"}, 0),
        ({"regions": ["GB"]}, 5),
        ({"regions": ["US"]}, 0),
        ({"languages": ["en"]}, 5),
        ({"languages": ["de"]}, 0),
        ({"link_type": "dofollow"}, 5),
        ({"rating": 39}, 4),
        ({"rating": 40}, 5),
        ({"rating": 70}, 6),
        ({"is_free": False}, 3),
        ({"difficulty": "hard"}, 3),
        (
            {
                "subcategory": "Healthcare",
                "regions": ["GB"],
                "languages": ["en"],
                "link_type": "dofollow",
                "rating": 90,
            },
            10,
        ),
    ],
)
def test_relevance_counts_what_fits(changes: dict[str, object], expected: int) -> None:
    assert relevance(DENTIST, site(**changes)) == expected


def test_reasons_are_given_in_words() -> None:
    found = match(DENTIST, site(subcategory="Healthcare", regions=["GB", "IE"]))

    assert found is not None
    assert found.reasons == [
        "Is about Healthcare, which fits Dental clinic.",
        "Serves United Kingdom, where the client works.",
        "A listing is free.",
    ]


def test_harder_site_than_wanted_is_left_out() -> None:
    assert match(replace(DENTIST, max_difficulty="easy"), site(difficulty="medium")) is None


def test_category_not_wanted_is_left_out() -> None:
    assert match(replace(DENTIST, categories=frozenset({"forum"})), site()) is None


def test_less_relevant_site_than_wanted_is_left_out() -> None:
    assert match(replace(DENTIST, min_relevance=5), site()) is None


@pytest.mark.parametrize(
    ("limit", "is_free", "price", "expected"),
    [
        (None, False, 900, True),
        (100, False, 100, True),
        (100, False, 101, False),
        (100, False, None, True),
        (0, False, None, False),
        (0, True, 50, True),
    ],
)
def test_price_is_held_to_the_limit(
    limit: int | None, is_free: object, price: int | None, expected: object
) -> None:
    wishes = replace(DENTIST, max_price=limit)

    assert affordable(wishes, is_free=bool(is_free), price=price, rating=None) is expected


@pytest.mark.parametrize(("rating", "expected"), [(29, False), (30, True), (None, True)])
def test_rating_is_held_to_the_limit_where_known(rating: int | None, expected: object) -> None:
    wishes = replace(DENTIST, min_rating=30)

    assert affordable(wishes, is_free=True, price=None, rating=rating) is expected


@pytest.mark.parametrize(
    ("regions", "inside", "outside"),
    [
        (["UK"], "GB", "US"),
        (["united states"], "US", "GB"),
        (["Europe"], "DE", "US"),
        (["worldwide"], "GLOBAL", "US"),
    ],
)
def test_regions_are_understood_however_written(
    regions: list[str], inside: str, outside: str
) -> None:
    found = countries_of(regions)

    assert (inside in found, outside in found) == (True, False)


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("Dental clinic", "healthcare"),
        ("Law firm", "legal"),
        ("Estate agents", "real estate"),
        ("B2B software", "it & saas"),
        ("E-commerce", "e-commerce"),
        ("Non-profit", "nonprofit"),
        ("Beekeeping", "beekeeping"),
    ],
)
def test_industry_is_brought_to_a_topic(words: str, topic: str) -> None:
    assert topic in topics_of([words])


@pytest.fixture
def client(db: None):
    return ClientFactory.create(industry="Dental clinic", regions=["GB"], domain="teeth.example")


def search(client) -> Outcome:
    (outcome,) = find_opportunities(client.agency_id, [client])
    return outcome


def test_opportunity_copies_what_the_directory_says(client) -> None:
    directory = DirectoryFactory.create(domain_rating=71, link_type="dofollow")
    DirectoryStepFactory.create(directory=directory, title="Verify by phone")

    search(client)

    found = Backlink.objects.get()
    assert (found.source_url, found.domain_rating, found.target_url, found.status) == (
        directory.url,
        71,
        "https://teeth.example/",
        BacklinkStatus.OPPORTUNITY,
    )
    assert [step["title"] for step in found.steps] == ["Verify by phone"]


def test_second_search_finds_nothing_new(client) -> None:
    DirectoryFactory.create_batch(3)
    search(client)

    again = search(client)

    assert (again, Backlink.objects.count()) == (Outcome(clients=1), 3)


@pytest.mark.parametrize(
    "status",
    [BacklinkStatus.NOT_APPLICABLE, BacklinkStatus.COMPLETED, BacklinkStatus.IN_PROGRESS],
)
def test_what_a_person_decided_stays(client, status: str) -> None:
    DirectoryFactory.create()
    search(client)
    Backlink.objects.update(status=status, is_touched=True)
    MatchingPreference.objects.create(
        agency=client.agency, client=client, categories=["press_release"]
    )

    search(client)

    assert Backlink.objects.get().status == status


def test_untouched_opportunity_goes_with_the_wish(client) -> None:
    DirectoryFactory.create(is_free=False, is_paid=True, paid_price=99, domain_rating=80)
    search(client)
    MatchingPreference.objects.create(agency=client.agency, client=client, max_price=50)

    outcome = search(client)

    assert (outcome.withdrawn, Backlink.objects.count()) == (1, 0)


def test_untouched_opportunity_follows_its_directory(client) -> None:
    directory = DirectoryFactory.create()
    search(client)
    directory.link_type = "dofollow"
    directory.save()

    outcome = search(client)

    assert (outcome.updated, Backlink.objects.get().relevance) == (1, 5)


def test_inactive_directory_is_not_offered_and_comes_back(client) -> None:
    directory = DirectoryFactory.create()
    search(client)
    offered = Backlink.objects.for_agency(client.agency).opportunities()
    directory.is_active = False
    directory.save()
    search(client)
    hidden = offered.count()
    directory.is_active = True
    directory.save()
    search(client)

    assert (hidden, offered.count()) == (0, 1)


def test_site_that_links_already_is_not_offered(client) -> None:
    directory = DirectoryFactory.create()
    BacklinkFactory.create(
        agency=client.agency,
        client=client,
        source_domain=directory.domain,
        status=BacklinkStatus.PUBLISHED,
    )

    assert search(client).created == 0


def test_other_agency_is_not_searched_for(client) -> None:
    DirectoryFactory.create()
    other = ClientFactory.create()
    search(client)

    assert not Backlink.objects.for_agency(other.agency).exists()


def test_queries_do_not_grow_with_clients_or_directories(client, django_assert_num_queries) -> None:
    for clients, number in ((1, 1), (3, 3)):
        DirectoryFactory.create_batch(number)
        ours = ClientFactory.create_batch(clients, agency=client.agency)
        with django_assert_num_queries(8):
            list(find_opportunities(client.agency_id, ours))


def test_search_runs_to_its_end_once(client) -> None:
    DirectoryFactory.create_batch(2)
    run = start_search(agency=client.agency, client=client)

    first, second = run_search(run.pk), run_search(run.pk)

    assert first is not None
    assert (first.status, first.created_count, first.clients_done) == (MatchStatus.FINISHED, 2, 1)
    assert second is None


def test_search_that_waits_serves_whoever_asks(client) -> None:
    first = start_search(agency=client.agency, client=client)

    assert start_search(agency=client.agency, client=client) == first


def test_search_left_by_a_dead_worker_is_due_again(client) -> None:
    run = start_search(agency=client.agency)
    MatchRun.objects.update(status=MatchStatus.RUNNING, heartbeat_at=timezone.now())
    fresh = due_searches()

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        late = due_searches()

    assert (fresh, late) == ([], [run.pk])


def test_daily_search_reaches_every_agency_with_clients(client) -> None:
    DirectoryFactory.create()
    AgencyFactory.create()
    ClientFactory.create(agency=client.agency, is_archived=True)

    for _ in range(2):
        match_opportunities()
        run_due_searches()

    assert (start_daily_searches(), Backlink.objects.count()) == (1, 1)


def test_benchmark_holds_at_a_smaller_size(db: None, capsys) -> None:
    assert benchmark.measure(4, 60, 1, bar=float("inf"))
