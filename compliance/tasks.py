"""Work of the compliance app that repeats."""

import structlog
from celery import shared_task
from django.utils import timezone

from compliance.services import retention

log = structlog.get_logger(__name__)


@shared_task(name="compliance.prune")  # type: ignore[untyped-decorator]  # celery ships no types
def prune() -> dict[str, int]:
    """Delete logs, decisions and counters past their time."""
    counts = retention.prune(now=timezone.now())
    log.info("pruned", **counts)
    return counts
