"""The one place that moves a lead's status."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import Agency, User
from leads.enums import MOVES, EventKind, LeadStatus
from leads.models import Lead
from leads.services.events import EventDraft, record_events


@transaction.atomic
def move_leads(
    *,
    agency: Agency,
    lead_ids: Iterable[int],
    to: str,
    actor: User | None = None,
    note: str = "",
) -> int:
    """Move leads to a status and say so in their timelines; return how many moved.

    Leads whose status may not move there are left as they are, and so are those there
    already. Four queries, however many leads.
    """
    target = LeadStatus(to)
    allowed = [old for old, new in MOVES.items() if target in new]
    movable = Lead.objects.for_agency(agency).filter(pk__in=list(lead_ids), status__in=allowed)
    rows = list(movable.values_list("pk", "domain", "client_id"))
    if not rows:
        return 0
    now = timezone.now()
    moved = movable.update(status=target, updated_at=now)
    summary = f"Status set to {target.label}" + (f": {note}" if note else "")
    record_events(
        [
            EventDraft(
                agency_id=agency.pk,
                kind=EventKind.STATUS,
                summary=summary,
                lead_id=pk,
                domain=domain,
                client_id=client_id,
                actor_id=actor.pk if actor else None,
                at=now,
            )
            for pk, domain, client_id in rows
        ]
    )
    return moved
