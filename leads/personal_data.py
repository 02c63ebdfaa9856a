"""What leads hold on a person, handed over and erased by address."""

from typing import Any

from django.db.models import Case, CharField, Value, When

from accounts.models import Agency
from leads.enums import EventKind
from leads.models import ImportReject, Lead, LeadEvent

_PERSONAL = ("first_name", "last_name", "job_title", "phone", "linkedin", "city", "source_detail")
_SHOWN = ("email", *_PERSONAL, "company", "website", "country", "region", "status", "custom")


def collect(agency: Agency, address: str) -> dict[str, list[dict[str, Any]]]:
    """Return the leads of an address and what happened to them."""
    leads = Lead.objects.for_agency(agency).filter(email=address)
    events = LeadEvent.objects.for_agency(agency).filter(lead__in=leads).order_by("at")
    return {
        "leads": list(leads.values(*_SHOWN, "created_at", "last_contacted_at")),
        "lead events": list(events.values("kind", "summary", "at")),
    }


def erase(agency: Agency, address: str) -> dict[str, int]:
    """Blank the person out of their leads; the site stays, and so do the counts."""
    leads = Lead.objects.for_agency(agency).filter(email=address)
    events = LeadEvent.objects.for_agency(agency).filter(lead__in=leads)
    kinds = [When(kind=kind, then=Value(str(label))) for kind, label in EventKind.choices]
    told = events.update(summary=Case(*kinds, default=Value(""), output_field=CharField()))
    rejects = ImportReject.objects.filter(
        lead_import__agency=agency, cells__icontains=address
    ).delete()[0]
    count = leads.update(
        email=None,
        custom={},
        verification_reasons=[],
        search="",
        **dict.fromkeys(_PERSONAL, ""),
    )
    return {"leads": count, "lead events": told, "rejected import rows": rejects}
