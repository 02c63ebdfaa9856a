"""Background work of the directory app: ids in, one service called."""

from celery import shared_task

from directory.services import searches


@shared_task(name="directory.run_search")  # type: ignore[untyped-decorator]  # celery has no types
def run_search(run_id: int) -> None:
    """Run one search for opportunities."""
    searches.run_search(run_id)


@shared_task(name="directory.run_due_searches")  # type: ignore[untyped-decorator]  # celery has no types
def run_due_searches() -> None:
    """Run the searches that wait, or that a worker left when it died."""
    searches.run_searches(searches.due_searches())


@shared_task(name="directory.match_opportunities")  # type: ignore[untyped-decorator]  # celery has no types
def match_opportunities() -> None:
    """Search for new opportunities in every agency."""
    searches.start_daily_searches()
