"""What a saved step of a sequence would be on the wire, for one lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from campaigns.rules import one_line, reply_subject
from campaigns.selectors.sources import Tracked, unsent_message
from campaigns.templating import lead_context, render_email
from mailer.selectors_sources import Source, source_of

if TYPE_CHECKING:
    from datetime import datetime

    from campaigns.models import Campaign
    from campaigns.selectors.sequence import Place
    from leads.models import Lead


def sequence_source_of(
    campaign: Campaign, place: Place, lead: Lead | None, *, now: datetime
) -> Source:
    """Return the bytes of one step and the look at them, or why there are none."""
    mailbox = campaign.mailboxes.select_related("agency").first()
    if lead is None or not lead.email:
        return Source(problem="Enrol somebody first: the source is that of a real e-mail.")
    if mailbox is None:
        return Source(problem="Choose a mailbox in the campaign’s settings first.")
    if campaign.client is not None:
        prefetch_related_objects([campaign.client], "target_pages")
    context = lead_context(
        lead, client=campaign.client, mailbox=mailbox, user=campaign.owner, agency=campaign.agency
    )
    subject = place.thread_subject if place.answers else place.variant.subject
    rendered = render_email(subject, place.variant.body, context)
    if not rendered.sendable:
        held = f"It is held back for this lead, who has no {', '.join(rendered.unresolved)}."
        return Source(problem=rendered.error or held)
    message = unsent_message(
        rendered,
        mailbox=mailbox,
        to_address=lead.email,
        to_name=one_line(lead.full_name),
        answers=place.answers,
        tracked=Tracked(campaign.track_opens, campaign.track_clicks),
    )
    if place.answers:
        message.subject = reply_subject(rendered.subject)
    return source_of(message, now=now)
