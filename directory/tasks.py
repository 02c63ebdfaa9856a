"""Background work of the directory app: ids in, one service called."""

from collections.abc import Sequence

from celery import shared_task

from directory.services import checking, gap_running, searches, second_source


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


@shared_task(name="directory.check_due_links")  # type: ignore[untyped-decorator]  # celery has no types
def check_due_links() -> None:
    """Check the links whose time has come."""
    checking.check_due_links()


@shared_task(name="directory.check_links")  # type: ignore[untyped-decorator]  # celery has no types
def check_links(ids: Sequence[int]) -> None:
    """Check some links at once."""
    checking.check_links(ids)


@shared_task(name="directory.run_gap")  # type: ignore[untyped-decorator]  # celery has no types
def run_gap(run_id: int) -> None:
    """Search one competitor gap."""
    gap_running.run_gap(run_id)


@shared_task(name="directory.run_due_gaps")  # type: ignore[untyped-decorator]  # celery has no types
def run_due_gaps() -> None:
    """Search the gaps that wait, or that a worker left when it died."""
    for run_id in gap_running.due_gap_runs():
        gap_running.run_gap(run_id)


@shared_task(name="directory.ask_second_source")  # type: ignore[untyped-decorator]  # celery has no types
def ask_second_source() -> None:
    """Ask the link-data provider about links, where an account pays for it."""
    second_source.ask_second_source()
