"""Background work of the leads app: ids in, one service called."""

from celery import shared_task

from leads.services import bulk, running


@shared_task(name="leads.run_import")  # type: ignore[untyped-decorator]  # celery has no types
def run_import(import_id: int) -> None:
    """Run one import."""
    running.run_import(import_id)


@shared_task(name="leads.run_due_imports")  # type: ignore[untyped-decorator]  # celery has no types
def run_due_imports() -> None:
    """Run the imports that wait, or that a worker left when it died."""
    for import_id in running.due_imports():
        running.run_import(import_id)


@shared_task(name="leads.run_bulk")  # type: ignore[untyped-decorator]  # celery has no types
def run_bulk(job_id: int) -> None:
    """Run one act on many leads."""
    bulk.run_bulk(job_id)


@shared_task(name="leads.run_due_bulk_jobs")  # type: ignore[untyped-decorator]  # celery has no types
def run_due_bulk_jobs() -> None:
    """Run the acts on many leads that wait, or that a worker left when it died."""
    for job_id in bulk.due_bulk_jobs():
        bulk.run_bulk(job_id)
