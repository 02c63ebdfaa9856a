"""The template library: what it holds and who it may be tried on."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import Agency
from campaigns.models import EmailTemplate, Enrolment
from leads.models import Lead

PICKED = 20


def templates_of(
    agency: Agency, *, search: str = "", category: str = ""
) -> QuerySet[EmailTemplate]:
    """Return the library's templates that hold every word, in one category or in all."""
    rows = EmailTemplate.objects.for_agency(agency)
    if category:
        rows = rows.filter(category=category)
    for word in search.split()[:5]:
        rows = rows.filter(
            Q(name__icontains=word) | Q(subject__icontains=word) | Q(body__icontains=word)
        )
    return rows


def categories_of(agency: Agency) -> list[str]:
    """Return the categories in use, in order."""
    rows = EmailTemplate.objects.for_agency(agency).exclude(category="")
    return list(rows.order_by("category").values_list("category", flat=True).distinct())


def sample_leads(agency: Agency, *, search: str = "", campaign_id: int | None = None) -> list[Lead]:
    """Return a few leads to try a template on.

    Args:
        agency: whose leads.
        search: the beginning of an address, a domain or a company; each is an index.
        campaign_id: only leads enrolled there, while there are any.
    """
    rows = Lead.objects.for_agency(agency).exclude(email=None)
    if campaign_id and (found := Enrolment.objects.filter(campaign=campaign_id)).exists():
        rows = rows.filter(pk__in=found.values("lead"))
    words = search.strip()[:100]
    if not words:
        return list(rows.order_by("-score", "-id")[:PICKED])
    found_leads: dict[int, Lead] = {}
    for column, start in (("email", words.lower()), ("domain", words.lower()), ("company", words)):
        span = {f"{column}__gte": start, f"{column}__lt": f"{start}\U0010ffff"}
        found_leads |= {lead.pk: lead for lead in rows.filter(**span).order_by(column)[:PICKED]}
    return list(found_leads.values())[:PICKED]


def lead_of(agency: Agency, key: str, among: Sequence[Lead] = ()) -> Lead | None:
    """Return the lead a picker named, else the first of those it offered."""
    if key.isdecimal():
        chosen = Lead.objects.for_agency(agency).filter(pk=key).first()
        if chosen:
            return chosen
    return among[0] if among else None
