"""Letting go of what need not be kept any longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from compliance import counters
from compliance.models import AuditEntry, PolicyDecision, SecurityEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet

# What product.md promises at least, whatever the settings say.
LEAST_DAYS = 90
_COUNTER_DAYS = 40
_BATCH = 5000


def prune(*, now: datetime) -> dict[str, int]:
    """Delete logs, decisions and counters past their time; return how many of each."""
    before = now - timedelta(days=max(LEAST_DAYS, settings.LOG_DAYS))
    return {
        "audit_entries": _delete(AuditEntry.objects.filter(at__lt=before)),
        "security_events": _delete(SecurityEvent.objects.filter(at__lt=before)),
        "decisions": _delete(PolicyDecision.objects.filter(at__lt=before)),
        "counters": counters.prune(now - timedelta(days=_COUNTER_DAYS)),
    }


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in batches, so that no lock is held for long."""
    count = 0
    while ids := list(rows.order_by("at").values_list("pk", flat=True)[:_BATCH]):
        rows.filter(pk__in=ids).delete()
        count += len(ids)
    return count
