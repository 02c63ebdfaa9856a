"""Clients, sites and what is there already, as matching wants them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from accounts.models import Client
from directory.enums import PLACED, BacklinkStatus
from directory.models import Backlink, Directory, MatchingPreference
from directory.rules.matching import ClientWishes, SiteProfile, client_wishes, site_profile
from directory.selectors.directories import steps_by_directory


@dataclass(frozen=True)
class Site:
    """An active directory: what decides, and what is copied into an opportunity."""

    pk: int
    domain: str
    url: str
    rating: int | None
    link_type: str
    is_free: bool
    price: int | None
    profile: int
    steps: list[dict[str, Any]] = field(default_factory=list)


class Sites(NamedTuple):
    """Active directories, and the distinct profiles they share."""

    sites: list[Site]
    profiles: list[SiteProfile]


class Known(NamedTuple):
    """An opportunity a client has already."""

    pk: int
    may_change: bool
    is_offered: bool
    relevance: int
    reasons: list[str]


@dataclass
class History:
    """What clients have: by directory, and the domains that link to them already."""

    by_directory: dict[int, dict[int, Known]]
    won_domains: dict[int, set[str]]


def active_sites() -> Sites:
    """Return every active directory, in two queries."""
    steps = steps_by_directory()
    numbers: dict[SiteProfile, int] = {}
    sites = []
    for row in Directory.objects.active().order_by("pk").values().iterator(chunk_size=2000):
        number = numbers.setdefault(_profile(row), len(numbers))
        sites.append(
            Site(
                pk=row["id"],
                domain=row["domain"],
                url=row["url"],
                rating=row["domain_rating"],
                link_type=row["link_type"],
                is_free=row["is_free"],
                price=row["paid_price"],
                profile=number,
                steps=[
                    {**step, "done_at": None, "done_by": None, "done_by_name": ""}
                    for step in steps.get(row["id"], [])
                ],
            )
        )
    return Sites(sites, list(numbers))


def _profile(row: Mapping[str, Any]) -> SiteProfile:
    return site_profile(
        category=row["category"],
        subcategory=row["subcategory"],
        industries=row["industries"],
        regions=row["regions"],
        languages=row["languages"],
        link_type=row["link_type"],
        is_free=row["is_free"],
        difficulty=row["difficulty"],
        rating=row["domain_rating"],
    )


def wishes_of(clients: Sequence[Client]) -> dict[int, ClientWishes]:
    """Return what each client wants, in one query."""
    rows = MatchingPreference.objects.filter(client__in=clients)
    preferences = {row.client_id: row for row in rows}
    return {
        client.pk: wishes_with(client, preferences.get(client.pk) or MatchingPreference())
        for client in clients
    }


def wishes_with(client: Client, preference: MatchingPreference) -> ClientWishes:
    """Return a client's wishes under a preference, saved or not."""
    known = client_wishes(
        industry=client.industry,
        subcategories=client.subcategories,
        regions=client.regions,
        language=client.language,
    )
    return replace(
        known,
        max_price=preference.max_price,
        max_difficulty=preference.max_difficulty,
        min_rating=preference.min_rating,
        min_relevance=preference.min_relevance,
        categories=frozenset(preference.categories),
    )


def histories(agency_id: int, clients: Sequence[Client]) -> History:
    """Return what clients of one agency have already, in two queries."""
    ours = Backlink.objects.for_agency(agency_id).filter(client__in=clients)
    by_directory: dict[int, dict[int, Known]] = defaultdict(dict)
    listed = (
        ours.filter(directory__isnull=False)
        .order_by()
        .values_list(
            "client_id",
            "directory_id",
            "pk",
            "status",
            "is_touched",
            "directory__is_active",
            "relevance",
            "relevance_reasons",
        )
    )
    for client, directory, pk, status, touched, offered, relevance, reasons in listed.iterator(
        chunk_size=5000
    ):
        may_change = status == BacklinkStatus.OPPORTUNITY and not touched
        by_directory[client][directory] = Known(pk, may_change, offered, relevance, reasons)
    won: dict[int, set[str]] = defaultdict(set)
    elsewhere = ours.filter(directory__isnull=True, status__in=PLACED)
    for client, domain in elsewhere.order_by().values_list("client_id", "source_domain"):
        won[client].add(domain)
    return History(by_directory, won)
