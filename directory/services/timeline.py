"""The timeline of backlinks: what happened, written once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from directory.models import BacklinkEvent


@dataclass(frozen=True)
class EventDraft:
    """One thing that happened to a backlink, on its way into the timeline."""

    agency_id: int
    backlink_id: int
    kind: str
    summary: str
    details: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    actor_id: int | None = None
    at: datetime = field(default_factory=timezone.now)


def record_events(drafts: Sequence[EventDraft]) -> int:
    """Write events, however many, in batches; return how many."""
    rows = BacklinkEvent.objects.bulk_create(
        (
            BacklinkEvent(
                agency_id=draft.agency_id,
                backlink_id=draft.backlink_id,
                kind=draft.kind,
                summary=draft.summary[:300],
                details=draft.details,
                url=draft.url[:300],
                actor_id=draft.actor_id,
                at=draft.at,
            )
            for draft in drafts
        ),
        batch_size=1000,
    )
    return len(rows)
