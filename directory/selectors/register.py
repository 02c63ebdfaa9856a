"""The register of backlinks: filtered, sorted, paged, and one link against its terms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import Agency, Client
from directory.enums import (
    FAULTS,
    MOVES,
    PLACED,
    BacklinkStatus,
    LinkType,
    SourceType,
    Verdict,
)
from directory.models import Backlink, BacklinkCheck
from foundation.paging import KeysetPage, counted, keyset_page

PAGE = 50
MOST_AT_ONCE = 2_000
SORTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "newest": ("Newest", ("-created_at", "-pk")),
    "oldest": ("Oldest", ("created_at", "pk")),
    "site": ("Site", ("source_domain", "pk")),
}
FILTERS = ("q", "source", "status", "verdict", "rel", "assignee")
_S = BacklinkStatus
_CLOSED = (_S.REJECTED, _S.NO_RESPONSE, _S.NOT_APPLICABLE)
TABS: Sequence[tuple[str, str, Q]] = (
    ("", "All", Q()),
    # An opportunity's page is an example, not yet a link that could be broken.
    ("attention", "Needs attention", Q(verdict__in=FAULTS) & ~Q(status__in=_CLOSED)),
    ("placed", "Placed", Q(status__in=PLACED)),
    ("open", "In the works", ~Q(status__in=[*PLACED, *_CLOSED, _S.OPPORTUNITY])),
)
_CHOICES: Mapping[str, tuple[str, Sequence[str]]] = {
    "source": ("source_type", SourceType.values),
    "status": ("status", BacklinkStatus.values),
    "verdict": ("verdict", Verdict.values),
    "rel": ("link_type", LinkType.values),
}


@dataclass(frozen=True)
class Register:
    """What the page of backlinks shows."""

    page: KeysetPage[Backlink]
    total: str
    tabs: list[tuple[str, str, str]]
    tab: str
    sort: str
    is_filtered: bool


@dataclass(frozen=True)
class Term:
    """One thing agreed on beside what was found."""

    label: str
    expected: str
    found: str
    is_changed: bool


def register_rows(agency: Agency, client: Client | None = None) -> QuerySet[Backlink]:
    """Return the backlinks of an agency, of one client when given."""
    rows = Backlink.objects.for_agency(agency)
    return rows.filter(client=client) if client else rows


def register(rows: QuerySet[Backlink], params: QueryDict) -> Register:
    """Return one page of the backlinks that filters leave; odd values count as none."""
    scoped = _narrowed(rows, params)
    numbers = {name: counted(scoped.filter(tab)) for name, _, tab in TABS}
    chosen = _tab(params)
    sort = params.get("sort", "")
    sort = sort if sort in SORTS else "newest"
    page = keyset_page(
        filtered(rows, params).select_related("client", "assignee"),
        order=SORTS[sort][1],
        cursor=params.get("cursor", ""),
        size=PAGE,
    )
    words = {name: f"{total:,}{'+' if more else ''}" for name, (total, more) in numbers.items()}
    return Register(
        page=page,
        total=words[chosen],
        tabs=[(name, label, words[name]) for name, label, _ in TABS],
        tab=chosen,
        sort=sort,
        is_filtered=any(params.get(name) for name in FILTERS),
    )


def filtered(rows: QuerySet[Backlink], params: QueryDict) -> QuerySet[Backlink]:
    """Return the backlinks that a list's filters and its tab leave."""
    tab = _tab(params)
    return _narrowed(rows, params).filter(next(where for name, _, where in TABS if name == tab))


def chosen_backlinks(rows: QuerySet[Backlink], data: QueryDict) -> list[int]:
    """Return the keys a form names: those ticked, or all that its query leaves, up to 2,000."""
    if data.get("scope") == "all":
        chosen = filtered(rows, QueryDict(data.get("query", "")[:2000]))
    else:
        ids = [pk for pk in data.getlist("ids")[:MOST_AT_ONCE] if _is_key(pk)]
        chosen = rows.filter(pk__in=ids)
    return list(chosen.order_by("-pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _tab(params: QueryDict) -> str:
    tab = params.get("tab", "")
    return tab if tab in {name for name, _, _ in TABS} else ""


def _narrowed(rows: QuerySet[Backlink], params: QueryDict) -> QuerySet[Backlink]:
    search = params.get("q", "").strip().lower().removeprefix("www.")[:100]
    if search:
        rows = rows.filter(source_domain__startswith=search)
    for name, (column, known) in _CHOICES.items():
        if params.get(name) in known:
            rows = rows.filter(**{column: params[name]})
    assignee = params.get("assignee", "")
    if assignee == "none":
        rows = rows.filter(assignee=None)
    elif _is_key(assignee):
        rows = rows.filter(assignee=int(assignee))
    return rows


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19  # noqa: PLR2004  # what a bigint holds


def next_statuses(backlink: Backlink) -> list[BacklinkStatus]:
    """Return where a person may move a backlink, in the order of the progression."""
    return [status for status in BacklinkStatus if status in MOVES[backlink.status]]


# One link against its terms -------------------------------------------------------------------


def terms(backlink: Backlink, check: BacklinkCheck | None) -> list[Term]:
    """Return what was agreed on beside what the last check found."""
    changes = {one["what"]: one for one in check.changes} if check else {}
    rel, found_rel = backlink.get_expected_rel_display(), ""
    if check:
        found_rel = check.get_found_rel_display()
    lines = [
        ("rel", "Rel", rel, found_rel),
        ("anchor", "Anchor", backlink.expected_anchor, check.found_anchor if check else ""),
        (
            "target",
            "Target page",
            backlink.expected_target or backlink.target_url,
            check.found_target if check else "",
        ),
    ]
    shown = [
        Term(label, expected, _found(what, found, changes), what in changes)
        for what, label, expected, found in lines
    ]
    known = {what for what, *_ in lines}
    return shown + [
        Term(what.replace("_", " ").capitalize(), one["expected"], one["found"], is_changed=True)
        for what, one in changes.items()
        if what not in known
    ]


def _found(what: str, found: str, changes: Mapping[str, dict[str, str]]) -> str:
    return found or changes.get(what, {}).get("found", "")


# The export -----------------------------------------------------------------------------------

EXPORTED = (
    "client",
    "source",
    "site",
    "page",
    "target",
    "anchor",
    "rel",
    "status",
    "verdict",
    "changes",
    "domain_rating",
    "expected_rel",
    "expected_anchor",
    "expected_target",
    "expected_until",
    "expected_price",
    "expected_currency",
    "cost",
    "cost_currency",
    "published_on",
    "last_checked_on",
    "lost_on",
    "assigned_to",
    "notes",
)


def exported(rows: QuerySet[Backlink]) -> Iterator[list[object]]:
    """Yield backlinks as the cells of a row."""
    related = rows.select_related("client", "assignee").order_by("-created_at", "-pk")
    for row in related.iterator(chunk_size=1000):
        yield [
            row.client.name,
            row.get_source_type_display(),
            row.source_domain,
            row.source_url,
            row.target_url,
            row.anchor_text,
            row.get_link_type_display(),
            row.get_status_display(),
            row.get_verdict_display(),
            "; ".join(f"{one['what']}: {one['found']}" for one in row.changes),
            row.domain_rating,
            row.get_expected_rel_display(),
            row.expected_anchor,
            row.expected_target,
            _day(row.expected_until),
            row.expected_price,
            row.expected_currency,
            row.cost,
            row.cost_currency,
            _day(row.published_at or row.completed_at),
            _day(row.last_checked_at),
            _day(row.lost_at),
            str(row.assignee) if row.assignee else "",
            row.notes,
        ]


def _day(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
