"""One box that finds a lead or a campaign."""

from dataclasses import dataclass, field

from accounts.models import Agency
from accounts.tenancy import AgencyQuerySet
from campaigns.models import Campaign
from leads.models import Lead

SIZE = 8
# Sorts after every character an address or domain may hold.
LAST = "\U0010ffff"


@dataclass(frozen=True)
class Found:
    """What a search brought, each kind at most eight."""

    leads: list[Lead] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)


def find(agency: Agency, words: str) -> Found:
    """Return leads whose address or domain begins with `words`, and campaigns named so.

    Leads are read as a key range, which both databases answer from an index however
    many leads there are and however few match.
    """
    if not words:
        return Found()
    every = Lead.objects.for_agency(agency)
    by_address = _beginning(every, "email", words.lower())
    by_site = _beginning(every, "domain", words.lower())
    leads = {lead.pk: lead for lead in (*by_address, *by_site)}
    campaigns = Campaign.objects.for_agency(agency).filter(name__icontains=words)
    return Found(
        leads=sorted(leads.values(), key=lambda lead: lead.email or lead.domain)[:SIZE],
        campaigns=list(campaigns.order_by("name")[:SIZE]),
    )


def _beginning(leads: AgencyQuerySet[Lead], column: str, words: str) -> AgencyQuerySet[Lead]:
    """Each column apart: joined by OR, neither index gives its rows in order."""
    matches = leads.filter(**{f"{column}__gte": words, f"{column}__lt": words + LAST})
    return matches.order_by(column)[:SIZE]
