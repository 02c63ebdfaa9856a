"""Finding opportunities: every client against every directory, as often as one likes.

What a person has begun, completed or dismissed is never touched, and never comes back:
a client has a directory once, by constraint. What nobody has touched follows the
directories and the client's wishes: it appears, changes its relevance, and goes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import Client
from directory.enums import BacklinkStatus, SourceType
from directory.models import Backlink
from directory.rules.matching import ClientWishes, Match, affordable, match
from directory.selectors.matching import (
    Known,
    Site,
    Sites,
    active_sites,
    histories,
    wishes_of,
)

CLIENT_BATCH = 20
ROW_BATCH = 1000


@dataclass
class Outcome:
    """What a search did."""

    clients: int = 0
    created: int = 0
    updated: int = 0
    withdrawn: int = 0

    def add(self, other: "Outcome") -> None:
        """Count another's results too."""
        self.clients += other.clients
        self.created += other.created
        self.updated += other.updated
        self.withdrawn += other.withdrawn


@dataclass
class _Changes:
    """What has to be written for a batch of clients."""

    new: list[Backlink] = field(default_factory=list)
    rescored: dict[tuple[int, tuple[str, ...]], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    gone: list[int] = field(default_factory=list)


def find_opportunities(
    agency_id: int, clients: Sequence[Client], sites: Sites | None = None
) -> Iterator[Outcome]:
    """Search for the clients of one agency; yield what each batch of clients brought.

    Each batch is one transaction. The number of queries grows with batches of clients and
    of rows, never with pairs.
    """
    sites = sites or active_sites()
    for start in range(0, len(clients), CLIENT_BATCH):
        yield _match_batch(agency_id, clients[start : start + CLIENT_BATCH], sites)


def matches(wishes: ClientWishes, sites: Sites) -> Iterator[tuple[Site, Match]]:
    """Yield the sites that suit a client; sites of one profile are judged once."""
    judged = [match(wishes, profile) for profile in sites.profiles]
    for site in sites.sites:
        found = judged[site.profile]
        if found is not None and affordable(
            wishes, is_free=site.is_free, price=site.price, rating=site.rating
        ):
            yield site, found


@transaction.atomic
def _match_batch(agency_id: int, clients: Sequence[Client], sites: Sites) -> Outcome:
    wishes = wishes_of(clients)
    history = histories(agency_id, clients)
    changes = _Changes()
    for client in clients:
        known = history.by_directory.get(client.pk, {})
        won = history.won_domains.get(client.pk, set())
        _compare(client, known, won, matches(wishes[client.pk], sites), changes)
    outcome = _write(agency_id, changes)
    outcome.clients = len(clients)
    return outcome


def _compare(
    client: Client,
    known: dict[int, Known],
    won: set[str],
    found: Iterator[tuple[Site, Match]],
    changes: _Changes,
) -> None:
    suits = set()
    for site, result in found:
        there = known.get(site.pk)
        if there is None:
            if site.domain not in won:
                changes.new.append(_opportunity(client, site, result))
            continue
        suits.add(site.pk)
        if there.may_change and (there.relevance, there.reasons) != (
            result.relevance,
            result.reasons,
        ):
            changes.rescored[result.relevance, tuple(result.reasons)].append(there.pk)
    # A directory that is switched off hides its opportunities; it may come back.
    changes.gone += [
        there.pk
        for directory, there in known.items()
        if there.may_change and there.is_offered and directory not in suits
    ]


def _opportunity(client: Client, site: Site, result: Match) -> Backlink:
    return Backlink(
        agency_id=client.agency_id,
        client_id=client.pk,
        source_type=SourceType.DIRECTORY,
        directory_id=site.pk,
        steps=site.steps,
        source_domain=site.domain,
        source_url=site.url,
        target_url=f"https://{client.domain}/" if client.domain else "",
        anchor_text=client.name,
        domain_rating=site.rating,
        link_type=site.link_type,
        relevance=result.relevance,
        relevance_reasons=result.reasons,
        status=BacklinkStatus.OPPORTUNITY,
    )


def _write(agency_id: int, changes: _Changes) -> Outcome:
    untouched = Backlink.objects.for_agency(agency_id).filter(
        status=BacklinkStatus.OPPORTUNITY, is_touched=False
    )
    # Two searches at once find the same: the second one's rows are already there.
    Backlink.objects.bulk_create(changes.new, batch_size=ROW_BATCH, ignore_conflicts=True)
    outcome = Outcome(created=len(changes.new))
    for (relevance, reasons), keys in changes.rescored.items():
        for batch in _batches(keys):
            outcome.updated += untouched.filter(pk__in=batch).update(
                relevance=relevance, relevance_reasons=list(reasons), updated_at=timezone.now()
            )
    for batch in _batches(changes.gone):
        outcome.withdrawn += untouched.filter(pk__in=batch).delete()[0]
    return outcome


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + ROW_BATCH] for start in range(0, len(keys), ROW_BATCH))
