"""What the gap pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet
from django.http import QueryDict

from directory.enums import GapDomainStatus
from directory.models import GapDomain, GapRun
from directory.rules.gap import gap_strength
from foundation.paging import KeysetPage, counted, keyset_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Agency, Client
    from directory.models.gap import GapDomainQuerySet

PAGE_SIZE = 50
SORTS = {
    "score": ("Strongest first", ["-score", "-id"]),
    "rating": ("Highest rating", ["-rating", "-id"]),
    "links": ("Most links", ["-links", "-id"]),
}
RATINGS = (10, 20, 30, 40, 50, 60, 70, 80)
_MOST_COMPETITORS = 30
_MOST_TICKED = 500


@dataclass(frozen=True)
class GapListing:
    """One page of a search's domains, and how the list is filtered."""

    page: KeysetPage[GapDomain]
    total: str
    sort: str
    filtered: bool


def gap_runs(agency: Agency, client: Client | None) -> QuerySet[GapRun]:
    """Return the searches of an agency, of one client when given."""
    rows = GapRun.objects.for_agency(agency).select_related("client", "actor")
    return rows.filter(client=client) if client else rows


def filtered_domains(run: GapRun, params: Mapping[str, str]) -> GapDomainQuerySet:
    """Return a search's domains as the list's filters leave them; odd values count as none."""
    rows = GapDomain.objects.for_agency(run.agency).filter(run=run)
    status = params.get("status", GapDomainStatus.OPEN)
    if status in GapDomainStatus.values:
        rows = rows.filter(status=status)
    rating = _number(params.get("rating", ""), 100)
    if rating:
        rows = rows.filter(rating__gte=rating)
    shared = _number(params.get("shared", ""), _MOST_COMPETITORS)
    if shared:
        rows = rows.filter(competitors_count__gte=shared)
    if params.get("follow") == "yes":
        rows = rows.filter(dofollow__gt=0)
    competitor = params.get("competitor", "")
    if competitor in run.competitors:
        bit = 1 << run.competitors.index(competitor)
        rows = rows.annotate(bit=F("competitor_mask").bitand(bit)).filter(bit__gt=0)
    words = params.get("q", "").strip().lower()[:100]
    return rows.filter(domain__contains=words) if words else rows


def chosen_domains(run: GapRun, data: QueryDict) -> GapDomainQuerySet:
    """Return the domains a form names: those ticked, or all that match its query."""
    if data.get("scope") == "all":
        return filtered_domains(run, QueryDict(data.get("query", "")[:1000]).dict())
    ids = [pk for pk in data.getlist("ids")[:_MOST_TICKED] if pk.isdecimal() and len(pk) < 19]  # noqa: PLR2004  # bigint
    return GapDomain.objects.for_agency(run.agency).filter(run=run, pk__in=ids)


def gap_listing(run: GapRun, params: Mapping[str, str]) -> GapListing:
    """Return one page of a search's domains with what each row shows."""
    rows = filtered_domains(run, params)
    sort = params.get("sort", "")
    sort = sort if sort in SORTS else "score"
    page = keyset_page(
        rows.select_related("backlink"),
        order=SORTS[sort][1],
        cursor=params.get("cursor", ""),
        size=PAGE_SIZE,
    )
    for row in page.rows:
        row.reasons = gap_reasons(row, run)  # type: ignore[attr-defined]  # for the template
    number, more = counted(rows)
    names = ("q", "rating", "shared", "follow", "competitor")
    filtered = any(params.get(name) for name in names) or params.get("status", "") != ""
    return GapListing(page, f"{number:,}{'+' if more else ''}", sort, filtered)


def gap_reasons(row: GapDomain, run: GapRun) -> list[str]:
    """Return why a domain has its score, in words."""
    return gap_strength(
        row.competitors_count, len(run.competitors), row.rating, row.links, row.dofollow
    ).reasons


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isdecimal() and len(text) < 4 else 0  # noqa: PLR2004  # three digits
