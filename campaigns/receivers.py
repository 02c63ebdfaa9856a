"""Hears what lower apps report and calls the service that answers, in their transaction."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.models import Agency
from campaigns.enums import StopReason
from campaigns.models import Enrolment
from campaigns.services import outcomes
from campaigns.services.enrolment import enrol_import
from campaigns.services.retry import check_again
from campaigns.services.stops import finish_enrolments, write_anew
from campaigns.services.touches import record_touches
from compliance.policy import Decision
from compliance.signals import address_suppressed
from leads.models import LeadImport
from leads.signals import import_finished, leads_deleting
from mailer import signals as mail
from mailer.models import InboundMessage, Message
from mailer.services.fetches import FirstChange


@receiver(mail.messages_sent)
def on_sent(messages: Sequence[Message], **_: Any) -> None:
    """Move on the enrolments whose e-mails left."""
    outcomes.record_sent(messages)


@receiver(mail.message_blocked)
def on_blocked(message: Message, decision: Decision, **_: Any) -> None:
    """Stop or pause the enrolment the policy refused."""
    outcomes.record_blocked(message, decision.codes, decision.sentences)


@receiver(mail.message_failed)
def on_failed(message: Message, **_: Any) -> None:
    """Pause the enrolment whose e-mail could not be sent."""
    outcomes.record_failed(message)


@receiver(mail.message_cancelled)
def on_cancelled(message: Message, **_: Any) -> None:
    """Pause the enrolment whose e-mail a person cancelled."""
    outcomes.record_cancelled(message)


@receiver(mail.message_recalled)
def on_recalled(message: Message, **_: Any) -> None:
    """Let an e-mail that was taken back in the last moment be written anew."""
    write_anew(message)


@receiver(mail.message_requeued)
def on_requeued(message: Message, **_: Any) -> None:
    """Object to an e-mail whose sequence has ended, waits, or has written it anew."""
    check_again(message)


@receiver(mail.message_bounced)
def on_bounced(message: Message, hard: bool, **_: Any) -> None:  # noqa: FBT001  # the signal's argument
    """Stop sequences to a dead address."""
    outcomes.record_bounce(message, hard=hard)


@receiver(mail.reply_received)
def on_reply(inbound: InboundMessage, message: Message | None, **_: Any) -> None:
    """Stop sequences to someone who answered."""
    outcomes.record_reply(inbound, message)


@receiver(mail.reply_corrected)
def on_corrected(inbound: InboundMessage, **_: Any) -> None:
    """Count a reply as a person has sorted it."""
    outcomes.record_new_intent(inbound)


@receiver(mail.out_of_office_received)
def on_absence(
    inbound: InboundMessage, message: Message | None, return_date: dt.date | None, **_: Any
) -> None:
    """Pause sequences to someone away."""
    outcomes.record_absence(inbound, message, return_date)


@receiver(mail.recipient_unsubscribed)
def on_unsubscribed(agency: Agency, address: str, message: Message | None, **_: Any) -> None:
    """Stop sequences to someone who unsubscribed."""
    outcomes.record_refusal(agency, address, message, reason=StopReason.UNSUBSCRIBED)


@receiver(mail.complaint_received)
def on_complaint(agency: Agency, address: str, message: Message | None, **_: Any) -> None:
    """Stop sequences to someone who complained."""
    outcomes.record_refusal(agency, address, message, reason=StopReason.COMPLAINED)


@receiver(mail.messages_touched)
def on_touched(changes: Sequence[FirstChange], **_: Any) -> None:
    """Count first openings and clicks, and take back those that were machines."""
    record_touches(changes)


@receiver(address_suppressed)
def on_suppressed(
    agency: Agency | None, kind: str, values: Sequence[str], reason: str, **_: Any
) -> None:
    """Stop sequences to people who may not be written to any more."""
    outcomes.stop_suppressed(agency, kind=kind, values=values, reason=reason)


@receiver(import_finished)
def on_import(lead_import: LeadImport, **_: Any) -> None:
    """Enrol the leads of a file that was imported for a campaign."""
    enrol_import(lead_import)


@receiver(leads_deleting)
def on_deleting(agency: Agency, lead_ids: Sequence[int], **_: Any) -> None:
    """Stop sequences to leads that are about to go."""
    rows = Enrolment.objects.filter(lead__in=lead_ids)
    finish_enrolments(rows, agency=agency, reason=StopReason.REMOVED, detail="Lead deleted.")
