"""The filters of the list of leads, as its URL writes them."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models.fields.json import KeyTransform
from django.http import QueryDict

from accounts.models import Agency
from accounts.tenancy import AgencyQuerySet
from leads.enums import LeadSourceKind, LeadStatus, Tier, Verification
from leads.importing.mapping import slug
from leads.models import Lead
from leads.selectors.search import search_leads

FIELD = "field."
_CHOICES = {
    "status": ("status", LeadStatus.values),
    "tier": ("tier", Tier.values),
    "verification": ("verification", Verification.values),
    "source": ("source", LeadSourceKind.values),
}
_KEYS = {"client": "client_id", "owner": "owner_id", "batch": "batch_id"}
_FLAGS = {"email": "email__isnull", "contacted": "last_contacted_at__isnull"}
_BOUNDS = {"score_min": "score__gte", "score_max": "score__lte"}
FILTERS = ("q", *_CHOICES, *_KEYS, *_FLAGS, *_BOUNDS, "country")
# What a saved view keeps besides filters.
KEPT = (*FILTERS, "sort", "cols")
_MOST = 100

Params = Mapping[str, Any]


def filtered_leads(agency: Agency, params: Params) -> AgencyQuerySet[Lead]:
    """Return the agency's leads that match the parameters of the list's URL.

    Unknown parameters and values that mean nothing are ignored.
    """
    leads = _by_choices(Lead.objects.for_agency(agency), params)
    for name, column in _KEYS.items():
        leads = _by_key(leads, column, _one(params, name))
    for name, column in _FLAGS.items():
        answer = _one(params, name)
        if answer in {"yes", "no"}:
            leads = leads.filter(**{column: answer == "no"})
    for name, column in _BOUNDS.items():
        bound = _one(params, name)
        if bound.isdecimal():
            leads = leads.filter(**{column: min(int(bound), _MOST)})
    return search_leads(_by_fields(leads, params), _one(params, "q"))


def _by_choices(leads: AgencyQuerySet[Lead], params: Params) -> AgencyQuerySet[Lead]:
    for name, (column, values) in _CHOICES.items():
        wanted = [value for value in _all(params, name) if value in values]
        if wanted:
            leads = leads.filter(**{f"{column}__in": wanted})
    countries = [value.upper() for value in _all(params, "country") if value]
    return leads.filter(country__in=countries[:_MOST]) if countries else leads


def _by_key(leads: AgencyQuerySet[Lead], column: str, value: str) -> AgencyQuerySet[Lead]:
    if value == "none":
        return leads.filter(**{column: None})
    return leads.filter(**{column: int(value)}) if _is_key(value) else leads


def _is_key(value: str) -> bool:
    return value.isdecimal() and len(value) < 19  # noqa: PLR2004  # what a bigint holds


def _by_fields(leads: AgencyQuerySet[Lead], params: Params) -> AgencyQuerySet[Lead]:
    for position, (name, value) in enumerate(sorted(custom_filters(params).items())):
        alias = f"custom_{position}"
        leads = leads.alias(**{alias: KeyTransform(name, "custom")}).filter(**{alias: value})
    return leads


def custom_filters(params: Params) -> dict[str, str]:
    """Return custom field → wanted value."""
    return {
        slug(key.removeprefix(FIELD)): _one(params, key)
        for key in params
        if key.startswith(FIELD) and _one(params, key)
    }


def canonical_query(params: Params) -> str:
    """Return the query string of filters, sort and columns alone, always in one order."""
    pairs = [
        (name, value)
        for name in sorted({*KEPT, *(key for key in params if key.startswith(FIELD))})
        for value in sorted(_all(params, name))
        if value
    ]
    return urlencode(pairs)


def params_of(query: str) -> QueryDict:
    """Return a query string as parameters."""
    return QueryDict(urlencode(parse_qsl(query)))


def is_filtered(params: Params) -> bool:
    """Return whether any filter is on."""
    return any(_one(params, name) for name in FILTERS) or bool(custom_filters(params))


def _all(params: Params, name: str) -> list[str]:
    if isinstance(params, QueryDict):
        return [str(value) for value in params.getlist(name)]
    value = params.get(name)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]


def _one(params: Params, name: str) -> str:
    values = _all(params, name)
    return values[-1].strip() if values else ""
