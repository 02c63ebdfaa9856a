"""What must hold between sequences and the outbox; asked with the outbox's own questions."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from campaigns.enums import EnrolmentStatus
from campaigns.models import Enrolment, StepEmail
from mailer.enums import MessageKind, MessageStatus
from mailer.models import Message
from mailer.services.invariants import Finding, found

_MOVING = (
    MessageStatus.QUEUED,
    MessageStatus.CLAIMED,
    MessageStatus.HANDING_OVER,
    MessageStatus.UNCERTAIN,
)
_OPEN = (EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)


def broken_sequences(before: datetime) -> Iterator[Finding]:
    """Yield where an enrolment and its e-mails disagree for longer than workers need."""
    emails = StepEmail.objects.select_related("message")
    yield from found(
        "No ended sequence has an e-mail in the queue",
        emails.filter(
            message__status=MessageStatus.QUEUED,
            enrolment__status=EnrolmentStatus.FINISHED,
            enrolment__finished_at__lte=before,
        ),
        _email,
    )
    yield from found(
        "Every sequence has moved on from what was sent",
        emails.filter(
            message__status=MessageStatus.SENT,
            message__announced=True,
            message__sent_at__lte=before,
            enrolment__next_step__lte=F("step__order"),
        ),
        _email,
    )
    under_way = StepEmail.objects.filter(
        Q(message__status__in=_MOVING) | Q(message__status=MessageStatus.SENT),
        enrolment=OuterRef("pk"),
        step__order=OuterRef("next_step"),
    )
    yield from found(
        "Every open sequence is due some day or has an e-mail under way",
        Enrolment.objects.filter(~Exists(under_way), status__in=_OPEN, due_at=None),
        lambda row: f"enrolment {row.pk} ({row.status})",
    )
    planned = StepEmail.objects.filter(message=OuterRef("pk"))
    yield from found(
        "Every campaign e-mail in the queue belongs to a step",
        Message.objects.filter(
            ~Exists(planned),
            kind=MessageKind.CAMPAIGN,
            status__in=_MOVING[:3],
            sequence_key__startswith="enrolment:",
        ),
    )


def _email(row: StepEmail) -> str:
    status = row.message.status if row.message else ""
    return f"enrolment {row.enrolment_id}, message {row.message_id} ({status})"
