"""Another try for those a person has mended something for."""

from django.db.models import QuerySet

from accounts.models import Agency, User
from campaigns.enums import CampaignStatus, EnrolmentStatus, StopReason
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.rules import enrolment_of
from campaigns.services.enrolment import CLOSED, enrol_leads
from campaigns.services.stops import resume_enrolments
from mailer.enums import MessageStatus
from mailer.models import Message
from mailer.services.uncertain import NotAgainError


def retry_enrolments(rows: QuerySet[Enrolment], *, agency: Agency, actor: User) -> int:
    """Resume the paused of `rows`, and enrol again those refused before anything was sent.

    The refused are looked at afresh: who still may not be written to stays out.
    """
    rows = rows.filter(agency=agency)
    refused = rows.filter(
        status=EnrolmentStatus.FINISHED, stop_reason=StopReason.BLOCKED, first_sent_at=None
    )
    by_campaign: dict[int, list[int]] = {}
    for key, lead in refused.values_list("campaign", "lead"):
        by_campaign.setdefault(key, []).append(lead)
    number = resume_enrolments(rows, agency=agency)
    for campaign in (
        Campaign.objects.filter(pk__in=by_campaign)
        .exclude(status__in=CLOSED)
        .select_related("agency", "client", "owner")
    ):
        number += enrol_leads(
            campaign=campaign, leads=by_campaign[campaign.pk], actor=actor
        ).enrolled
    return number


def check_again(message: Message) -> None:
    """Raise `NotAgainError` when an e-mail of a sequence may not be sent a second time."""
    if enrolment_of(message.sequence_key) is None:
        return
    rows = StepEmail.objects.select_related("campaign", "enrolment")
    email = rows.filter(message=message).first()
    if email is None:
        raise NotAgainError("Not sent again: it was written anew since, or its lead is gone.")
    campaign, enrolment = email.campaign, email.enrolment
    if enrolment.status == EnrolmentStatus.FINISHED:
        why = enrolment.get_stop_reason_display().lower()
        raise NotAgainError(f"Not sent again: the sequence to this person has ended ({why}).")
    if campaign.status != CampaignStatus.RUNNING:
        status = campaign.get_status_display().lower()
        raise NotAgainError(f"Not sent again: its campaign “{campaign}” is {status}.")
    changed = email.content_version != campaign.content_version
    if changed and message.status == MessageStatus.FAILED:
        raise NotAgainError(
            "Not sent again: its campaign was changed since. Resume the person there; the"
            " e-mail is then written from what is approved now."
        )
