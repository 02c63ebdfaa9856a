"""The worklist of opportunities: filtered, sorted, paged, and summed up per client."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from accounts.enums import Role
from accounts.models import Agency, Client, User
from accounts.tenancy import AgencyRequest
from directory.enums import (
    OPPORTUNITY_STATUSES,
    BacklinkStatus,
    Category,
    Difficulty,
    SourceType,
)
from directory.models import Backlink, MatchRun
from foundation.paging import KeysetPage, counted, keyset_page

OPEN = (BacklinkStatus.OPPORTUNITY, BacklinkStatus.IN_PROGRESS)
PAGE = 50
SORTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "relevance": ("Most relevant", ("-relevance", "-pk")),
    "newest": ("Newest", ("-created_at", "-pk")),
    "site": ("Site", ("source_domain", "pk")),
}
TABS = (
    ("", "To do"),
    ("in_progress", "In progress"),
    ("completed", "Completed"),
    ("not_applicable", "Not applicable"),
)
_PRICES = {"free": Q(directory__is_free=True), "paid": Q(directory__is_paid=True)}
FILTERS = ("q", "category", "difficulty", "price", "relevance", "assignee", "client")


@dataclass
class Worklist:
    """What the page of opportunities shows."""

    page: KeysetPage[Backlink]
    total: str
    tabs: list[tuple[str, str, int]]
    progress: "Progress"
    status: str
    sort: str
    is_filtered: bool
    client: Client | None
    facets: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far a client's opportunities have come."""

    opportunity: int = 0
    in_progress: int = 0
    completed: int = 0
    not_applicable: int = 0
    minutes_left: int = 0

    @property
    def open(self) -> int:
        """How many wait or are worked on."""
        return self.opportunity + self.in_progress

    @property
    def time_left(self) -> str:
        """How long the open ones take, in words."""
        hours, minutes = divmod(self.minutes_left, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def visible_opportunities(request: AgencyRequest) -> QuerySet[Backlink]:
    """Return the opportunities a member may see: a client only its own."""
    rows = Backlink.objects.for_agency(request.agency).opportunities()
    if request.membership.role == Role.CLIENT:
        rows = rows.filter(client=request.membership.client_id)
    return rows


def worklist(rows: QuerySet[Backlink], params: QueryDict, client: Client | None) -> Worklist:
    """Return one page of the opportunities that filters leave."""
    if client is not None:
        rows = rows.filter(client=client)
    scoped = filtered(rows, params)
    status = _known(params.get("status"), OPPORTUNITY_STATUSES)
    sort = _known(params.get("sort"), SORTS) or "relevance"
    shown = scoped.filter(status__in=[status] if status else OPEN)
    page = keyset_page(
        shown.select_related("client", "directory", "assignee"),
        order=SORTS[sort][1],
        cursor=params.get("cursor", ""),
        size=PAGE,
    )
    total, more = counted(shown)
    far = progress(scoped)
    numbers = {"": far.open, **{name: getattr(far, name) for name, _ in TABS if name}}
    return Worklist(
        page=page,
        total=f"{total:,}{'+' if more else ''}",
        tabs=[(name, label, numbers[name]) for name, label in TABS],
        progress=far,
        status=status,
        sort=sort,
        is_filtered=any(params.get(name) for name in FILTERS if name != "client"),
        client=client,
    )


def filtered(rows: QuerySet[Backlink], params: QueryDict) -> QuerySet[Backlink]:
    """Return the opportunities that match every filter but the status."""
    search = params.get("q", "").strip()[:100]
    if search:
        rows = rows.filter(
            Q(source_domain__icontains=search) | Q(directory__name__icontains=search)
        )
    category = params.get("category", "")
    if category == SourceType.GAP:
        rows = rows.filter(source_type=SourceType.GAP)
    elif category in Category.values:
        rows = rows.filter(directory__category=category)
    if params.get("difficulty") in Difficulty.values:
        rows = rows.filter(directory__difficulty=params["difficulty"])
    price = _PRICES.get(params.get("price", ""))
    if price is not None:
        rows = rows.filter(price)
    return _by_people(rows, params)


def _by_people(rows: QuerySet[Backlink], params: QueryDict) -> QuerySet[Backlink]:
    relevance, assignee = params.get("relevance", ""), params.get("assignee", "")
    if relevance in {str(number) for number in range(1, 11)}:
        rows = rows.filter(relevance__gte=int(relevance))
    if assignee == "none":
        rows = rows.filter(assignee=None)
    elif assignee.isdecimal() and len(assignee) < 19:  # noqa: PLR2004  # what a bigint holds
        rows = rows.filter(assignee=int(assignee))
    return rows


def progress(rows: QuerySet[Backlink]) -> Progress:
    """Return how far opportunities have come, in one query."""
    counts = {
        status: Count("pk", filter=Q(status=status)) for status in sorted(OPPORTUNITY_STATUSES)
    }
    left = Sum("directory__estimated_minutes", filter=Q(status__in=OPEN), default=0)
    found = rows.order_by().aggregate(**counts, minutes_left=left)
    return Progress(**found)


def facets(agency: Agency) -> dict[str, Any]:
    """Return what the filters and menus of staff offer."""
    members = User.objects.filter(memberships__agency=agency).exclude(
        memberships__role=Role.CLIENT, memberships__agency=agency
    )
    return {
        "members": list(members.order_by("name", "pk").distinct()[:200]),
        "clients": list(
            Client.objects.for_agency(agency).filter(is_archived=False).order_by("name")[:500]
        ),
    }


def latest_search(agency: Agency, client: Client | None) -> MatchRun | None:
    """Return the search that last looked at a client, or at all."""
    runs = MatchRun.objects.for_agency(agency).order_by("-pk")
    return runs.filter(Q(client=client) | Q(client=None)).first() if client else runs.first()


EXPORTED = (
    "client",
    "site",
    "directory",
    "category",
    "status",
    "relevance",
    "reasons",
    "price_usd",
    "difficulty",
    "minutes_estimated",
    "minutes_spent",
    "steps_done",
    "steps",
    "submission_url",
    "proof_url",
    "verdict",
    "completed_at",
    "not_applicable_because",
    "notes",
)


def exported(rows: QuerySet[Backlink]) -> Iterator[list[object]]:
    """Yield opportunities as the cells of a row."""
    related = rows.select_related("client", "directory").order_by("client_id", "-relevance", "pk")
    for row in related.iterator(chunk_size=1000):
        directory = row.directory
        yield [
            row.client.name,
            row.source_domain,
            directory.name if directory else "",
            directory.get_category_display() if directory else row.get_source_type_display(),
            row.get_status_display(),
            row.relevance,
            " ".join(row.relevance_reasons),
            directory.paid_price if directory else None,
            directory.get_difficulty_display() if directory else "",
            directory.estimated_minutes if directory else None,
            row.minutes_spent,
            row.steps_done,
            len(row.steps),
            directory.url if directory else row.source_url,
            row.proof_url,
            row.get_verdict_display(),
            row.completed_at.date().isoformat() if row.completed_at else "",
            row.closed_reason,
            row.notes,
        ]


def _known(value: str | None, known: Any) -> str:
    return value if value in known else ""  # type: ignore[return-value]  # in known, so not None
