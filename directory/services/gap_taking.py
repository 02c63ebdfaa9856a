"""What is done with the domains of a gap: into the register, dismissed, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from directory.enums import (
    BacklinkEventKind,
    BacklinkStatus,
    GapDomainStatus,
    LinkType,
    SourceType,
)
from directory.models import Backlink, GapDomain
from directory.rules.gap import gap_relevance
from directory.selectors.gaps import gap_reasons
from directory.services.timeline import EventDraft, record_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from directory.models import GapRun
    from directory.models.gap import GapDomainQuerySet

# So many at once; the list offers the rest again.
MOST_AT_ONCE = 2_000


@transaction.atomic
def take_domains(run: GapRun, rows: GapDomainQuerySet, *, actor: User | None) -> int:
    """Put open domains into the register as opportunities; return how many were new.

    A domain the client's register already has is linked to that entry instead of added
    again. The number of queries does not grow with the domains.
    """
    chosen = _still_open(run, rows)
    known = _known(run, [row.domain for row in chosen])
    fresh = [row for row in chosen if row.domain not in known]
    made = Backlink.objects.bulk_create([_backlink(run, row) for row in fresh], batch_size=500)
    record_events(
        [
            EventDraft(
                run.agency_id,
                link.pk,
                BacklinkEventKind.CREATED,
                "Found in a competitor gap",
                actor_id=actor.pk if actor else None,
            )
            for link in made
        ]
    )
    known |= {link.source_domain: link.pk for link in made}
    for row in chosen:
        row.backlink_id, row.status = known[row.domain], GapDomainStatus.TAKEN
    GapDomain.objects.bulk_update(chosen, ["backlink", "status"], batch_size=500)
    return len(made)


def _still_open(run: GapRun, rows: GapDomainQuerySet) -> list[GapDomain]:
    still = rows.filter(run=run, status=GapDomainStatus.OPEN)
    return list(still.order_by("-score", "-id")[:MOST_AT_ONCE])


def _known(run: GapRun, domains: Sequence[str]) -> dict[str, int]:
    rows = Backlink.objects.for_agency(run.agency).filter(
        client=run.client, source_domain__in=domains
    )
    return dict(rows.order_by("-pk").values_list("source_domain", "pk"))


def _backlink(run: GapRun, row: GapDomain) -> Backlink:
    best = max(row.evidence, key=lambda one: (one["dofollow"] > 0, one["links"]))
    return Backlink(
        agency_id=run.agency_id,
        client_id=run.client_id,
        source_type=SourceType.GAP,
        status=BacklinkStatus.OPPORTUNITY,
        source_domain=row.domain,
        source_url=best["url"][:2000],
        domain_rating=row.rating or None,
        link_type=LinkType.DOFOLLOW if row.dofollow else LinkType.NOFOLLOW,
        relevance=gap_relevance(row.score),
        relevance_reasons=gap_reasons(row, run),
        gap_competitors=[one["competitor"] for one in row.evidence],
    )


def dismiss_domains(run: GapRun, rows: GapDomainQuerySet) -> list[int]:
    """Set open domains aside, for this client's later searches too; return their keys."""
    keys = [row.pk for row in _still_open(run, rows)]
    GapDomain.objects.filter(pk__in=keys).open().update(status=GapDomainStatus.DISMISSED)
    return keys


def reopen_domains(run: GapRun, rows: GapDomainQuerySet) -> int:
    """Take a dismissal back; return how many were dismissed."""
    dismissed = rows.filter(run=run, status=GapDomainStatus.DISMISSED)
    return dismissed.update(status=GapDomainStatus.OPEN)


def mark_enrolled(rows: GapDomainQuerySet) -> int:
    """Note that open domains became leads; return how many."""
    return rows.filter(status=GapDomainStatus.OPEN).update(status=GapDomainStatus.ENROLLED)
