"""What the agency knows of a person and a site."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Agency
from leads.models import Lead, LeadEvent

TIMELINE = 100


def leads_by_address(agency: Agency, addresses: Iterable[str]) -> dict[str, list[Lead]]:
    """Return the agency's leads of each normalised address, in one query."""
    wanted = set(addresses)
    found: dict[str, list[Lead]] = defaultdict(list)
    for lead in Lead.objects.for_agency(agency).filter(email__in=wanted).order_by("pk"):
        found[lead.email or ""].append(lead)
    return dict(found)


def timeline(lead: Lead) -> list[LeadEvent]:
    """Return the latest events of a person and of everyone at their site, newest first."""
    events = LeadEvent.objects.for_agency(lead.agency_id).select_related("client", "actor", "lead")
    about = Q(lead=lead)
    if lead.domain:
        about |= Q(domain=lead.domain)
    return list(events.filter(about).order_by("-at", "-pk")[:TIMELINE])


def colleagues(lead: Lead) -> list[Lead]:
    """Return others at the same site, the best first."""
    if not lead.domain:
        return []
    same = Lead.objects.for_agency(lead.agency_id).filter(domain=lead.domain)
    return list(same.exclude(pk=lead.pk).order_by("-score", "pk")[:5])
