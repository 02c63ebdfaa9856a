"""Finds the campaign of a page and reads what was ticked in a list."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404

from accounts.tenancy import AgencyRequest
from campaigns.models import Campaign, Enrolment
from campaigns.selectors.enrolments import filtered_enrolments

MAX_TICKED = 1000
BIGINT_DIGITS = 19


def campaign_or_404(request: AgencyRequest, slug: str) -> Campaign:
    """Return the agency's campaign of that slug, with client and owner."""
    campaign = get_object_or_404(
        Campaign.objects.for_agency(request.agency).select_related("client", "owner"), slug=slug
    )
    campaign.agency = request.agency
    return campaign


def ticked_ids(data: QueryDict) -> list[int]:
    """Return the keys ticked in a list, at most a page full of them."""
    keys = data.getlist("ids")[:MAX_TICKED]
    return [int(key) for key in keys if key.isdecimal() and len(key) < BIGINT_DIGITS]


def ticked_enrolments(campaign: Campaign, data: QueryDict) -> QuerySet[Enrolment]:
    """Return the enrolments ticked, or all that match the list's filters."""
    if data.get("scope") == "all":
        params = QueryDict(data.get("query", "")[:1000]).dict()
        return filtered_enrolments(campaign, params)
    rows = Enrolment.objects.for_agency(campaign.agency)
    return rows.filter(campaign=campaign, pk__in=ticked_ids(data))
