"""The timeline of people and sites: what happened, written once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from leads.models import LeadEvent


@dataclass(frozen=True)
class EventDraft:
    """One thing that happened, on its way into the timeline."""

    agency_id: int
    kind: str
    summary: str
    lead_id: int | None = None
    domain: str = ""
    url: str = ""
    client_id: int | None = None
    actor_id: int | None = None
    at: datetime = field(default_factory=timezone.now)


def record_events(drafts: Sequence[EventDraft]) -> int:
    """Write events, however many, in batches; return how many."""
    rows = LeadEvent.objects.bulk_create(
        (
            LeadEvent(
                agency_id=draft.agency_id,
                lead_id=draft.lead_id,
                domain=draft.domain[:253],
                kind=draft.kind,
                summary=draft.summary[:300],
                url=draft.url[:300],
                client_id=draft.client_id,
                actor_id=draft.actor_id,
                at=draft.at,
            )
            for draft in drafts
        ),
        batch_size=1000,
    )
    return len(rows)
