"""What the leads app does when a lower app announces a fact."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.models import Agency
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.signals import address_suppressed
from leads.enums import LeadStatus
from leads.models import Lead
from leads.services.status import move_leads

_STATUS = {
    SuppressionReason.UNSUBSCRIBED: LeadStatus.UNSUBSCRIBED,
    SuppressionReason.COMPLAINED: LeadStatus.UNSUBSCRIBED,
    SuppressionReason.BOUNCED: LeadStatus.BOUNCED,
    SuppressionReason.NOT_INTERESTED: LeadStatus.LOST,
}


@receiver(address_suppressed)
def follow_suppression(
    sender: object,
    agency: Agency | None,
    kind: str,
    values: Sequence[str],
    reason: str,
    **more: Any,
) -> None:
    """Let a lead's status say that nobody may write to it any more."""
    column = "email__in" if kind == SuppressionKind.ADDRESS else "domain__in"
    leads = Lead.objects.filter(**{column: list(values)}).select_related("agency")
    if agency is not None:
        leads = leads.filter(agency=agency)
    by_agency: dict[Agency, list[int]] = {}
    for lead in leads.only("pk", "agency"):
        by_agency.setdefault(lead.agency, []).append(lead.pk)
    status = _STATUS.get(SuppressionReason(reason), LeadStatus.DISQUALIFIED)
    for owner, lead_ids in by_agency.items():
        move_leads(agency=owner, lead_ids=lead_ids, to=status, note="suppressed")
