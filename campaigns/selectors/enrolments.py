"""The Leads and Replies tabs of a campaign, and what they export."""

from collections.abc import Iterator, Mapping

from django.db.models import Count, Q, QuerySet

from campaigns.enums import EnrolmentStatus, StopReason
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.rules import campaign_key
from mailer.enums import InboundKind
from mailer.models import InboundMessage

CHUNK = 2000


def filtered_enrolments(campaign: Campaign, params: Mapping[str, str]) -> QuerySet[Enrolment]:
    """Return the enrolments the query string asks for: status, stop, step, q."""
    rows = Enrolment.objects.filter(campaign=campaign)
    status, stop, step = params.get("status", ""), params.get("stop", ""), params.get("step", "")
    if status in EnrolmentStatus.values:
        rows = rows.filter(status=status)
    if stop in StopReason.values:
        rows = rows.filter(stop_reason=stop)
    if step.isdecimal():
        rows = rows.filter(next_step=int(step[:4])).exclude(status=EnrolmentStatus.FINISHED)
    words = params.get("q", "").strip().lower()[:200]
    if words:
        rows = rows.filter(
            Q(lead__email__startswith=words)
            | Q(lead__domain__startswith=words)
            | Q(lead__first_name__istartswith=words)
            | Q(lead__last_name__istartswith=words)
            | Q(lead__company__istartswith=words)
        )
    return rows


def with_people(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Return the rows with all a list line shows."""
    return rows.select_related("lead", "mailbox", "campaign")


def status_counts(campaign: Campaign) -> dict[str, int]:
    """Return how many enrolments stand where."""
    rows = Enrolment.objects.filter(campaign=campaign).values_list("status")
    return dict(rows.annotate(Count("pk")).order_by())


def campaign_replies(campaign: Campaign, intent: str = "") -> QuerySet[InboundMessage]:
    """Return what people answered to a campaign's e-mails."""
    rows = InboundMessage.objects.for_agency(campaign.agency_id).filter(
        original__campaign_key=campaign_key(campaign.pk), kind=InboundKind.REPLY
    )
    if intent:
        rows = rows.filter(intent=intent)
    return rows.select_related("thread", "mailbox", "original")


LEAD_HEADER = (
    "E-mail",
    "First name",
    "Last name",
    "Company",
    "Site",
    "Country",
    "Status",
    "Stopped because",
    "Next step",
    "Due",
    "Mailbox",
    "First e-mail",
    "Last e-mail",
    "Opened",
    "Clicked",
    "Replied",
)
MESSAGE_HEADER = (
    "To",
    "Step",
    "Variant",
    "Subject",
    "Mailbox",
    "Status",
    "Sent",
    "Opened",
    "Clicked",
    "Replied",
    "Bounced",
    "Unsubscribed",
    "Reason",
)
REPLY_HEADER = ("From", "Name", "Received", "Intent", "Sorted by", "Subject", "Text")


def lead_lines(rows: QuerySet[Enrolment]) -> Iterator[tuple[object, ...]]:
    """Yield the enrolments as lines of LEAD_HEADER, streamed."""
    found = rows.select_related("lead", "mailbox").order_by("pk")
    for one in found.iterator(chunk_size=CHUNK):
        lead = one.lead
        yield (
            lead.email,
            lead.first_name,
            lead.last_name,
            lead.company,
            lead.domain,
            lead.country,
            one.get_status_display(),
            one.get_stop_reason_display(),
            "" if one.status == EnrolmentStatus.FINISHED else one.next_step,
            _moment(one.due_at),
            one.mailbox.address if one.mailbox else "",
            _moment(one.first_sent_at),
            _moment(one.last_sent_at),
            _moment(one.opened_at),
            _moment(one.clicked_at),
            _moment(one.replied_at),
        )


def message_lines(campaign: Campaign) -> Iterator[tuple[object, ...]]:
    """Yield a campaign's e-mails as lines of MESSAGE_HEADER, streamed."""
    rows = (
        StepEmail.objects.filter(campaign=campaign, message__isnull=False)
        .select_related("step", "variant", "message__mailbox")
        .order_by("pk")
    )
    for email in rows.iterator(chunk_size=CHUNK):
        message = email.message
        assert message is not None  # noqa: S101  # filtered
        yield (
            message.to_address,
            email.step.order,
            email.variant.label,
            message.subject,
            message.mailbox.address,
            message.get_status_display(),
            _moment(message.sent_at),
            _moment(message.opened_at),
            _moment(message.clicked_at),
            _moment(message.replied_at),
            _moment(message.bounced_at),
            _moment(message.unsubscribed_at),
            message.last_error,
        )


def reply_lines(campaign: Campaign) -> Iterator[tuple[object, ...]]:
    """Yield a campaign's replies as lines of REPLY_HEADER, streamed."""
    rows = campaign_replies(campaign).order_by("pk")
    for inbound in rows.iterator(chunk_size=CHUNK):
        yield (
            inbound.from_address,
            inbound.from_name,
            _moment(inbound.received_at),
            inbound.get_intent_display(),
            inbound.get_intent_source_display(),
            inbound.subject,
            inbound.new_text,
        )


def _moment(at: "object") -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
