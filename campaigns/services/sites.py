"""Stops a whole site when one of its people answers, where the campaign says so."""

from accounts.models import Agency
from campaigns.enums import StopReason
from campaigns.models import Enrolment
from campaigns.services.stops import finish_enrolments, open_for
from foundation.addresses import registrable_domain
from leads.rules.freemail import FREE_MAIL


def stop_site_of(agency: Agency, address: str) -> None:
    """Stop the people of a colleague's site who answered none of our messages.

    Only people we have written to: those still to hear from us have nothing to stop for.
    """
    site = registrable_domain(address) or address.rpartition("@")[2]
    if not site or site in FREE_MAIL:
        return
    rows = open_for(agency, domains=[site]).filter(
        campaign__stop_domain_on_reply=True, first_sent_at__isnull=False
    )
    finish_enrolments(
        Enrolment.objects.filter(pk__in=list(rows.values_list("pk", flat=True))),
        agency=agency,
        reason=StopReason.DOMAIN_REPLIED,
        detail=f"Somebody else of {site} wrote.",
    )
