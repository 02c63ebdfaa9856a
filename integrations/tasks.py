"""Work of the integrations app that repeats."""

from celery import shared_task

from integrations.services import housekeeping


@shared_task(name="integrations.prune")  # type: ignore[untyped-decorator]  # celery has no types
def prune() -> None:
    """Forget what no longer tells anything."""
    housekeeping.prune()
