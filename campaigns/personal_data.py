"""What campaigns hold on a person, handed over and erased by address.

Registered names are worked through in their order, so this runs while leads still know
the address.
"""

from typing import Any

from django.db.models import Q

from accounts.models import Agency
from campaigns.models import Enrolment, EnrolmentSkip, StepEmail


def collect(agency: Agency, address: str) -> dict[str, list[dict[str, Any]]]:
    """Return the enrolments of an address and the e-mails worded for it."""
    enrolments = Enrolment.objects.for_agency(agency).filter(lead__email=address)
    return {
        "enrolments": list(
            enrolments.values("campaign__name", "status", "stop_reason", "created_at")
        ),
        "drafted e-mails": list(_worded(agency, address).values("subject", "body", "created_at")),
    }


def erase(agency: Agency, address: str) -> dict[str, int]:
    """Blank what was worded for the person; the enrolment stays counted."""
    EnrolmentSkip.objects.for_agency(agency).filter(lead__email=address).update(detail="")
    return {"drafted e-mails": _worded(agency, address).update(subject="", body="")}


def _worded(agency: Agency, address: str) -> Any:
    """Return the e-mails in which somebody put words for this person."""
    rows = StepEmail.objects.for_agency(agency).filter(enrolment__lead__email=address)
    return rows.exclude(Q(subject="") & Q(body=""))
