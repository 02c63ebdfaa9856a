"""Finding leads by fragments of text; the only reader of `Lead.search`."""

from accounts.tenancy import AgencyQuerySet
from leads.models import Lead

MAX_LENGTH = 100


def search_leads(leads: AgencyQuerySet[Lead], words: str) -> AgencyQuerySet[Lead]:
    """Return the leads whose address, name, company or site holds every word."""
    for word in words[:MAX_LENGTH].lower().split():
        leads = leads.filter(search__contains=word)
    return leads
