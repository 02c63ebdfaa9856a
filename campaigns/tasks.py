"""What the clock and other processes ask of the campaigns app."""

from celery import shared_task
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.services import compose, enrolment, housekeeping, review, stops


@shared_task(name="campaigns.compose_due")  # type: ignore[untyped-decorator]  # celery has no types
def compose_due() -> None:
    """Queue what is due in every running campaign."""
    compose.compose_due(timezone.now())


@shared_task(name="campaigns.resume_paused")  # type: ignore[untyped-decorator]  # celery has no types
def resume_paused() -> None:
    """Resume the enrolments whose pause is over."""
    stops.resume_due(timezone.now())


@shared_task(name="campaigns.complete_finished")  # type: ignore[untyped-decorator]  # celery has no types
def complete_finished() -> None:
    """Complete enrolments and campaigns that are through; settle what was left hanging."""
    housekeeping.complete_finished(timezone.now())


@shared_task(name="campaigns.enrol")  # type: ignore[untyped-decorator]  # celery has no types
def enrol(run_id: int) -> None:
    """Work one enrolment of many leads."""
    enrolment.work_run(run_id)


@shared_task(name="campaigns.enrol_waiting")  # type: ignore[untyped-decorator]  # celery has no types
def enrol_waiting() -> None:
    """Work enrolments nobody works on: the broker was away, or a worker died."""
    for run_id in enrolment.waiting_runs(timezone.now()):
        enrolment.work_run(run_id)


@shared_task(name="campaigns.draft")  # type: ignore[untyped-decorator]  # celery has no types
def draft(campaign_id: int) -> None:
    """Draft the e-mails of a campaign that was submitted for review."""
    campaign = Campaign.objects.select_related("agency", "client", "owner").get(pk=campaign_id)
    review.draft_for_review(campaign)
