"""What an enrolment, its lead and the daily figures make of what the mailer reports.

Every function runs inside the transaction that made the fact true.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Agency
from campaigns.enums import EnrolmentStatus, StopReason
from campaigns.models import Enrolment, SequenceStep, StepEmail
from campaigns.rules import GRACE, after_wait, back_at_work, enrolment_of
from campaigns.services.history import path_of, record
from campaigns.services.rows import update_each
from campaigns.services.sites import stop_site_of
from campaigns.services.stats import cell_of, count_figures, count_once, uncount
from campaigns.services.stops import finish_enrolments, open_for, pause_enrolments
from campaigns.windows import Windows
from compliance.enums import SuppressionKind, SuppressionReason
from leads.enums import EventKind, LeadStatus
from leads.models import Lead
from leads.rules.freemail import FREE_MAIL
from leads.services.status import move_leads
from mailer.enums import InboundKind, Intent
from mailer.models import InboundMessage, Message

# Refusals that lie with the recipient. Any other lies with us: fixed, it is tried again.
FINAL_CODES = frozenset(
    {
        "recipient_invalid",
        "recipient_role",
        "suppressed_address",
        "suppressed_domain",
        "region_blocked",
        "no_consent",
        "cooldown",
        "duplicate",
        "publisher_forbids",
    }
)
_STOP_OF = {
    SuppressionReason.UNSUBSCRIBED: StopReason.UNSUBSCRIBED,
    SuppressionReason.BOUNCED: StopReason.BOUNCED,
    SuppressionReason.COMPLAINED: StopReason.COMPLAINED,
    SuppressionReason.NOT_INTERESTED: StopReason.REPLIED,
}
_CHUNK = 500


@transaction.atomic
def record_sent(messages: Sequence[Message]) -> None:
    """Move on the enrolments whose e-mails were handed over, and plan what follows."""
    emails = list(
        StepEmail.objects.filter(message__in=[message.pk for message in messages])
        .select_related("enrolment__lead", "campaign__agency", "step", "message")
        .order_by("pk")
    )
    if not emails:
        return
    planner = _Planner(emails)
    update_each(
        Enrolment,
        ["next_step", "due_at", "first_sent_at", "last_sent_at", "mailbox", "thread"],
        [planner.row(email) for email in emails],
    )
    Enrolment.objects.filter(
        pk__in=[email.enrolment_id for email in emails], status=EnrolmentStatus.PENDING
    ).update(status=EnrolmentStatus.ACTIVE)
    count_figures(
        "sent",
        [cell_of(email, _sent_at(email), email.campaign.agency.zone) for email in emails],
    )
    _tell_sent(emails)


class _Planner:
    """Finds the step after each sent e-mail and when it is due; a few queries for a batch."""

    def __init__(self, emails: Sequence[StepEmail]) -> None:
        campaigns = {email.campaign_id: email.campaign for email in emails}
        now = timezone.now()
        self._windows = {pk: Windows(campaign, now) for pk, campaign in campaigns.items()}
        self._steps: dict[int, list[SequenceStep]] = defaultdict(list)
        for step in SequenceStep.objects.filter(campaign__in=campaigns).order_by("order"):
            self._steps[step.campaign_id].append(step)

    def row(self, email: StepEmail) -> tuple[object, ...]:
        """Return the enrolment's key and new column values."""
        enrolment, sent_at, message = email.enrolment, _sent_at(email), email.message
        following = next(
            (step for step in self._steps[email.campaign_id] if step.order > email.step.order),
            None,
        )
        due_at = sent_at + GRACE if following is None else self._due(email, following, sent_at)
        assert message is not None  # noqa: S101  # found by its message
        return (
            enrolment.pk,
            following.order if following else email.step.order + 1,
            None if enrolment.status == EnrolmentStatus.FINISHED else due_at,
            enrolment.first_sent_at or sent_at,
            sent_at,
            message.mailbox_id,
            message.thread_id,
        )

    def _due(self, email: StepEmail, step: SequenceStep, sent_at: dt.datetime) -> dt.datetime:
        windows, lead_zone = self._windows[email.campaign_id], email.enrolment.lead.time_zone
        over = after_wait(
            sent_at,
            wait=step.wait,
            business=step.wait_unit == "business_days",
            zone=windows.zone_of(lead_zone),
            holidays=windows.holidays,
        )
        return windows.opening(lead_zone, over)


def _tell_sent(emails: Sequence[StepEmail]) -> None:
    by_agency: dict[int, list[StepEmail]] = defaultdict(list)
    for email in emails:
        by_agency[email.agency_id].append(email)
    for batch in by_agency.values():
        agency = batch[0].campaign.agency
        move_leads(
            agency=agency,
            lead_ids=[email.enrolment.lead_id for email in batch],
            to=LeadStatus.CONTACTED,
        )
        Lead.objects.filter(pk__in=[email.enrolment.lead_id for email in batch]).update(
            last_contacted_at=max(_sent_at(email) for email in batch)
        )
    for email in emails:
        email.enrolment.campaign = email.campaign
    by_step: dict[tuple[int, int], list[StepEmail]] = defaultdict(list)
    for email in emails:
        by_step[email.campaign_id, email.step.order].append(email)
    for (_, order), batch in by_step.items():
        slug = batch[0].campaign.agency.slug
        record(
            [email.enrolment for email in batch],
            kind=EventKind.SENT,
            summary=f"E-mail {order} of {{campaign}} sent",
            urls={
                email.enrolment_id: path_of("mailer:message", slug, email.message_id)
                for email in batch
            },
        )


@transaction.atomic
def record_blocked(message: Message, codes: Iterable[str], sentences: Iterable[str]) -> None:
    """Finish an enrolment the policy refused for good; pause it when we can mend the cause."""
    enrolment = enrolment_of(message.sequence_key)
    if enrolment is None:
        return
    rows = Enrolment.objects.filter(pk=enrolment)
    why = " ".join(sentences)[:200]
    if FINAL_CODES & set(codes):
        finish_enrolments(rows, agency=message.agency, reason=StopReason.BLOCKED, detail=why)
    else:
        pause_enrolments(rows, agency=message.agency, reason=why or "The policy refused it.")


@transaction.atomic
def record_failed(message: Message) -> None:
    """Pause the enrolment of an e-mail that could not be sent, until a person looks at it."""
    enrolment = enrolment_of(message.sequence_key)
    if enrolment is not None:
        reason = f"Could not be sent: {message.last_error or message.smtp_reply}"
        rows = Enrolment.objects.filter(pk=enrolment)
        pause_enrolments(rows, agency=message.agency, reason=reason[:200])


@transaction.atomic
def record_cancelled(message: Message) -> None:
    """Pause the enrolment of an e-mail a person cancelled: resumed, it gets it after all."""
    enrolment = enrolment_of(message.sequence_key)
    if enrolment is not None:
        rows = Enrolment.objects.filter(pk=enrolment)
        pause_enrolments(rows, agency=message.agency, reason=f"E-mail: {message.last_error}"[:200])


@transaction.atomic
def record_bounce(message: Message, *, hard: bool) -> None:
    """Stop every sequence to an address that is dead; a soft bounce stops nothing."""
    email = _email_of(message)
    _count(email, "bounced")
    if not hard:
        return
    agency = message.agency
    enrolments = _of_person(agency, [message.to_address], email)
    record(enrolments[:1], kind=EventKind.BOUNCED, summary="The e-mail of {campaign} bounced")
    _finish(enrolments, agency, StopReason.BOUNCED)
    _move(agency, [message.to_address], LeadStatus.BOUNCED)


@transaction.atomic
def record_reply(inbound: InboundMessage, message: Message | None) -> None:
    """Stop every sequence to someone who answered, and their whole site if the campaign says."""
    email = _email_of(message) if message else None
    agency = inbound.agency
    people = [inbound.from_address, *([message.to_address] if message else [])]
    enrolments = _of_person(agency, people, email)
    if email is not None:
        _count(email, "replied")
        _note_first(email, "replied_at", inbound.received_at)
        if inbound.intent == Intent.INTERESTED:
            _count_interest(email, inbound.received_at)
    summary = f"Replied to {{campaign}}: {inbound.get_intent_display() or 'reply'}"
    record(enrolments[:1], kind=EventKind.REPLIED, summary=summary)
    _finish(enrolments, agency, StopReason.REPLIED)
    _move(agency, people, LeadStatus.REPLIED)
    if email is None:
        stop_site_of(agency, inbound.from_address)
    elif email.campaign.stop_domain_on_reply:
        _stop_site(email)


@transaction.atomic
def record_new_intent(inbound: InboundMessage) -> None:
    """Count a reply as a person has sorted it, no longer as the rules did."""
    email = _email_of(inbound.original)
    if email is None:
        return
    if inbound.intent == Intent.INTERESTED and inbound.kind == InboundKind.REPLY:
        _count_interest(email, inbound.received_at)
        return
    others = InboundMessage.objects.filter(
        original=inbound.original, kind=InboundKind.REPLY, intent=Intent.INTERESTED
    ).exclude(pk=inbound.pk)
    if not others.exists():
        uncount(email, "interested", inbound.received_at)
        Enrolment.objects.filter(pk=email.enrolment_id).update(interested_at=None)


def _count_interest(email: StepEmail, at: dt.datetime) -> None:
    count_once(email, "interested", at)
    _note_first(email, "interested_at", at)


def _stop_site(email: StepEmail) -> None:
    """Stop everyone else of the replier's site in this campaign."""
    lead = email.enrolment.lead
    site = lead.domain
    if not site or site in FREE_MAIL:
        return
    rows = Enrolment.objects.filter(campaign=email.campaign, lead__domain=site).exclude(
        pk=email.enrolment_id
    )
    finish_enrolments(
        rows,
        agency=email.campaign.agency,
        reason=StopReason.DOMAIN_REPLIED,
        detail=f"{lead} of {site} replied.",
    )


@transaction.atomic
def record_absence(
    inbound: InboundMessage, message: Message | None, back_on: dt.date | None
) -> None:
    """Pause every sequence to someone out of office until a business day after their return."""
    email = _email_of(message) if message else None
    people = [inbound.from_address, *([message.to_address] if message else [])]
    enrolments = _of_person(inbound.agency, people, email)
    now = timezone.now()
    until_of: dict[dt.datetime, list[int]] = defaultdict(list)
    for enrolment in enrolments:
        windows = Windows(enrolment.campaign, now)
        zone = windows.zone_of(enrolment.lead.time_zone)
        back = back_at_work(back_on, now, zone=zone, holidays=windows.holidays)
        until_of[windows.opening(enrolment.lead.time_zone, back)].append(enrolment.pk)
    words = f"Out of office until {back_on:%-d %B %Y}" if back_on else "Out of office"
    for until, ids in until_of.items():
        rows = Enrolment.objects.filter(pk__in=ids)
        pause_enrolments(rows, agency=inbound.agency, reason=words, until=until)
    record(enrolments[:1], kind=EventKind.OUT_OF_OFFICE, summary=words)


@transaction.atomic
def record_refusal(
    agency: Agency, address: str, message: Message | None, *, reason: StopReason
) -> None:
    """Stop every sequence, in all campaigns, to someone who unsubscribed or complained."""
    email = _email_of(message) if message else None
    enrolments = _of_person(agency, [address], email)
    complained = reason == StopReason.COMPLAINED
    figure = "complained" if complained else "unsubscribed"
    _count(email, figure)
    kind = EventKind.COMPLAINED if complained else EventKind.UNSUBSCRIBED
    record(enrolments[:1], kind=kind, summary=f"{reason.label} from {{campaign}}")
    _finish(enrolments, agency, reason)
    _move(agency, [address], LeadStatus.UNSUBSCRIBED)


@transaction.atomic
def stop_suppressed(
    agency: Agency | None, *, kind: str, values: Sequence[str], reason: str
) -> None:
    """Stop every sequence to addresses or domains that may not be written to any more."""
    stop = _STOP_OF.get(SuppressionReason(reason), StopReason.BLOCKED)
    agencies = [agency] if agency else list(Agency.objects.filter(is_active=True))
    for start in range(0, len(values), _CHUNK):
        chunk = values[start : start + _CHUNK]
        for one in agencies:
            named = (
                open_for(one, domains=chunk)
                if kind == SuppressionKind.DOMAIN
                else open_for(one, addresses=chunk)
            )
            finish_enrolments(
                Enrolment.objects.filter(pk__in=list(named.values_list("pk", flat=True))),
                agency=one,
                reason=stop,
                detail="" if stop != StopReason.BLOCKED else "On the suppression list.",
            )


def _email_of(message: Message | None) -> StepEmail | None:
    email = (
        StepEmail.objects.filter(message=message)
        .select_related("enrolment__lead", "campaign__agency", "step", "message")
        .first()
    )
    if email is not None:
        email.enrolment.campaign = email.campaign
    return email


def _of_person(
    agency: Agency, addresses: Sequence[str], email: StepEmail | None
) -> list[Enrolment]:
    """Return the enrolment written to and every open one of these people, that one first."""
    rows = list(
        open_for(agency, addresses=addresses)
        .select_related("lead", "campaign__agency")
        .order_by("pk")
    )
    if email is None:
        return rows
    return [email.enrolment, *(row for row in rows if row.pk != email.enrolment_id)]


def _finish(enrolments: Sequence[Enrolment], agency: Agency, reason: StopReason) -> None:
    rows = Enrolment.objects.filter(pk__in=[enrolment.pk for enrolment in enrolments])
    finish_enrolments(rows, agency=agency, reason=reason)


def _move(agency: Agency, addresses: Sequence[str], to: LeadStatus) -> None:
    leads = Lead.objects.for_agency(agency).filter(email__in=addresses)
    keys = list(leads.values_list("pk", flat=True))
    if keys:
        move_leads(agency=agency, lead_ids=keys, to=to)


def _note_first(email: StepEmail, column: str, at: dt.datetime) -> None:
    Enrolment.objects.filter(pk=email.enrolment_id, **{f"{column}__isnull": True}).update(
        **{column: at}
    )


def _count(email: StepEmail | None, figure: str) -> None:
    """Count a fact at the moment its message was marked with it, once."""
    if email is not None:
        count_once(email, figure, getattr(email.message, f"{figure}_at"))


def _sent_at(email: StepEmail) -> dt.datetime:
    assert email.message is not None  # noqa: S101  # found by its message
    return email.message.sent_at or timezone.now()
