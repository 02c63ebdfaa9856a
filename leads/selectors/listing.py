"""What the list of leads shows: a page of rows, its columns, filters and saved views."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from accounts.enums import Role
from accounts.models import Agency, Client, User
from foundation.paging import KeysetPage, counted, keyset_page
from leads.enums import LeadSourceKind, LeadStatus, Tier, Verification
from leads.importing.mapping import CUSTOM
from leads.models import Lead, LeadImport, SavedView
from leads.rules.places import country_choices, country_name
from leads.selectors.filters import (
    FIELD,
    canonical_query,
    custom_filters,
    filtered_leads,
    is_filtered,
)

PAGE_SIZE = 50
SORTS = {
    "newest": ("Newest first", ["-created_at", "-id"]),
    "score": ("Best score", ["-score", "-id"]),
    "site": ("Site A to Z", ["domain", "id"]),
}
# Column → heading and the width class under which a narrow table drops it.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "contact": ("Contact", "c1"),
    "status": ("Status", ""),
    "score": ("Score", "num"),
    "tier": ("Tier", "c2"),
    "client": ("Client", "c3"),
    "country": ("Country", "c2"),
    "contacted": ("Last contacted", "num c2"),
    "owner": ("Owner", "c3"),
    "email": ("E-mail", "c2"),
    "verification": ("Address", "c2"),
    "dr": ("DR", "num c2"),
    "company": ("Company", "c3"),
    "source": ("Source", "c3"),
    "added": ("Added", "num c3"),
}
DEFAULT_COLUMNS = (
    "contact",
    "status",
    "score",
    "tier",
    "client",
    "country",
    "contacted",
    "owner",
)
_LABELS = {
    "status": ("Status", dict(LeadStatus.choices)),
    "tier": ("Tier", dict(Tier.choices)),
    "verification": ("Address", dict(Verification.choices)),
    "source": ("Source", dict(LeadSourceKind.choices)),
    "email": ("E-mail", {"yes": "known", "no": "none"}),
    "contacted": ("Contacted", {"yes": "yes", "no": "never"}),
}
_MOST_CUSTOM = 60


@dataclass(frozen=True)
class Chip:
    """One filter that is on, and the query string without it."""

    name: str
    value: str
    off: str


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    key: str
    heading: str
    width: str
    custom: str = ""


@dataclass
class Listing:
    """Everything the list of leads shows."""

    page: KeysetPage[Lead]
    total: str
    count: int
    query: str
    filtered: bool
    chips: list[Chip]
    columns: list[Column]
    sort: str
    views: list[SavedView]
    view: SavedView | None
    facets: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether the list differs from the saved view it started from."""
        return self.view is not None and self.view.query != self.query


def listing(agency: Agency, params: QueryDict, user: User) -> Listing:
    """Return one page of the list, in a number of queries that rows do not change."""
    leads = filtered_leads(agency, params)
    sort = params.get("sort", "")
    sort = sort if sort in SORTS else "newest"
    page = keyset_page(
        leads.select_related("client", "owner"),
        order=SORTS[sort][1],
        cursor=params.get("cursor", ""),
        size=PAGE_SIZE,
    )
    count, more = counted(leads)
    views = saved_views(agency, user)
    chosen = params.get("view", "")
    facets = list_facets(agency)
    return Listing(
        page=page,
        total=f"{count:,}{'+' if more else ''}",
        count=count,
        query=canonical_query(params),
        filtered=is_filtered(params),
        chips=chips(params, facets),
        columns=columns_of(params),
        sort=sort,
        views=views,
        view=next((view for view in views if str(view.pk) == chosen), None),
        facets=facets,
    )


def saved_views(agency: Agency, user: User) -> list[SavedView]:
    """Return the views a member sees: the shared ones and their own."""
    seen = Q(shared=True) | Q(owner=user)
    return list(SavedView.objects.for_agency(agency).filter(seen, page="leads")[:40])


def list_facets(agency: Agency) -> dict[str, Any]:
    """Return what filters and bulk actions may choose from."""
    imports = list(LeadImport.objects.for_agency(agency).order_by("-created_at")[:20])
    members = User.objects.filter(memberships__agency=agency, is_active=True)
    return {
        "statuses": LeadStatus.choices,
        "tiers": Tier.choices,
        "verifications": Verification.choices,
        "sources": LeadSourceKind.choices,
        "clients": list(Client.objects.for_agency(agency)[:500]),
        "members": list(members.exclude(memberships__role=Role.CLIENT).order_by("name")[:200]),
        "imports": imports,
        "fields": custom_names(imports),
        "countries": country_choices(),
        "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        "columns": [(key, heading) for key, (heading, _) in COLUMNS.items()],
    }


def custom_names(imports: list[LeadImport]) -> list[str]:
    """Return the custom fields that recent imports brought."""
    targets = (target for one in imports for target in one.mapping.values())
    names = {target.removeprefix(CUSTOM) for target in targets if target.startswith(CUSTOM)}
    return sorted(names)[:_MOST_CUSTOM]


def columns_of(params: QueryDict) -> list[Column]:
    """Return the chosen columns, or the usual ones."""
    chosen = [key for text in params.getlist("cols") for key in text.split(",") if key]
    columns = [
        Column(key, COLUMNS[key][0], COLUMNS[key][1])
        if key in COLUMNS
        else Column("custom", _title(key), "c3", custom=key.removeprefix(FIELD))
        for key in chosen
        if key in COLUMNS or key.startswith(FIELD)
    ]
    return columns or [Column(key, *COLUMNS[key]) for key in DEFAULT_COLUMNS]


def _title(key: str) -> str:
    return key.removeprefix(FIELD).replace("_", " ").capitalize()


def chips(params: QueryDict, facets: Mapping[str, Any]) -> list[Chip]:
    """Return a chip for each filter that is on."""
    pairs = [*_choice_texts(params), *_row_texts(params, facets), *_bound_texts(params)]
    return [Chip(label, text, without(params, name)) for name, label, text in pairs]


def _choice_texts(params: QueryDict) -> Iterator[tuple[str, str, str]]:
    for name, (label, words) in _LABELS.items():
        values = [value for value in params.getlist(name) if value in words]
        if values:
            yield name, label, ", ".join(str(words[value]) for value in values)
    countries = [country_name(code.upper()) for code in params.getlist("country") if code]
    if countries:
        yield "country", "Country", ", ".join(countries)


def _row_texts(params: QueryDict, facets: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    rows = {"client": "clients", "owner": "members", "batch": "imports"}
    for name, facet in rows.items():
        if params.get(name):
            title = "Import" if name == "batch" else name.capitalize()
            yield name, title, _row_name(str(params[name]), facets[facet])


def _bound_texts(params: QueryDict) -> Iterator[tuple[str, str, str]]:
    for name, phrase in (("score_min", "at least"), ("score_max", "at most")):
        if params.get(name):
            yield name, "Score", f"{phrase} {str(params[name])[:3]}"
    for name, value in custom_filters(params).items():
        yield f"{FIELD}{name}", _title(name), value


def _row_name(key: str, rows: list[Any]) -> str:
    if key == "none":
        return "none"
    return next((str(row) for row in rows if str(row.pk) == key), f"no. {key[:20]}")


def without(params: QueryDict, name: str) -> str:
    """Return the page's query string without one filter (and without its cursor)."""
    kept = [
        (key, value)
        for key in params
        if key not in {name, "cursor", "peek"}
        for value in params.getlist(key)
        if value
    ]
    return f"?{urlencode(kept)}"
