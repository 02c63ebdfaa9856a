"""What filters would say of a campaign's e-mails, one line each, before it is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaigns.enums import ThreadMode, VariantStatus
from campaigns.selectors.checks import Check
from campaigns.selectors.previews import preview_of
from campaigns.selectors.sample import open_leads
from campaigns.selectors.sources import Tracked

if TYPE_CHECKING:
    from campaigns.models import Campaign
    from mailer.deliverability.content import Report


def content_checks(campaign: Campaign) -> list[Check]:
    """Return a line for each e-mail filters would mind, or one that says there is none."""
    found = [
        Check("content", "warn", _words(name, report), "campaigns:sequence", "Look at it")
        for name, report in _reports(campaign)
        if report.tone != "ok"
    ]
    return found or [Check("content", "ok", "Nothing in the e-mails that filters usually mind.")]


def _words(name: str, report: Report) -> str:
    worst = report.remarks[0]
    return f"{name}, {report.verdict}. {worst.place}: {worst.text}"


def _reports(campaign: Campaign) -> list[tuple[str, Report]]:
    lead = next(iter(open_leads(campaign, 1)), None)
    mailbox = campaign.mailboxes.first()
    reports = []
    for step in campaign.steps.prefetch_related("variants"):
        active = [one for one in step.variants.all() if one.status == VariantStatus.ACTIVE]
        for variant in active:
            answers = step.order > 1 and step.thread_mode == ThreadMode.SAME
            preview = preview_of(
                variant.subject or "An answer",
                variant.body,
                agency=campaign.agency,
                lead=lead,
                client=campaign.client,
                mailbox=mailbox,
                user=campaign.owner,
                answers=answers,
                tracked=Tracked(campaign.track_opens, campaign.track_clicks),
            )
            name = f"Step {step.order}{variant.label if len(active) > 1 else ''}"
            if preview.content is not None:
                reports.append((name, preview.content))
    return reports
