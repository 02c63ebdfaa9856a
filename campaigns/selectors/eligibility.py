"""Who may not be enrolled, and why: one look at a whole batch of leads."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from campaigns.enums import CampaignStatus, EnrolmentStatus, SkipReason
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.rules import campaign_key
from compliance.rules import is_never_written_to
from compliance.selectors import suppressed
from leads.enums import Verification
from leads.models import Lead
from mailer.enums import MessageStatus
from mailer.selectors import PriorContact, prior_contacts

# What left, or may have: whoever it was for is never begun with again.
_PERHAPS_SENT = (MessageStatus.HANDING_OVER, MessageStatus.UNCERTAIN, MessageStatus.SENT)

LeftOut = dict[int, tuple[SkipReason, str]]


@dataclass(frozen=True)
class _Facts:
    """What is known of a batch, in five queries."""

    campaign: Campaign
    since: dt.datetime | None
    here: frozenset[int]
    elsewhere: Mapping[int, str]
    suppressed: Mapping[str, Any]
    contacts: Mapping[str, PriorContact]


def left_out(
    campaign: Campaign, leads: Sequence[Lead], *, now: dt.datetime, with_cooldown: bool = True
) -> LeftOut:
    """Return the leads that may not join the campaign, each with a reason and a sentence.

    Args:
        campaign: with its agency at hand.
        leads: one batch.
        now: the moment the cooldown is counted back from.
        with_cooldown: whether a recent contact by another campaign keeps a lead out.
    """
    facts = _gather(campaign, leads, now, with_cooldown=with_cooldown)
    found = {lead.pk: _judge(lead, facts) for lead in leads}
    return {pk: verdict for pk, verdict in found.items() if verdict is not None}


def _gather(
    campaign: Campaign, leads: Sequence[Lead], now: dt.datetime, *, with_cooldown: bool
) -> _Facts:
    agency, keys = campaign.agency, [lead.pk for lead in leads]
    addresses = [lead.email for lead in leads if lead.email]
    perhaps_sent = StepEmail.objects.filter(
        enrolment=OuterRef("pk"), message__status__in=_PERHAPS_SENT
    )
    here = Enrolment.objects.filter(
        ~Q(status=EnrolmentStatus.FINISHED, first_sent_at=None) | Exists(perhaps_sent),
        campaign=campaign,
        lead__in=keys,
    )
    elsewhere = (
        Enrolment.objects.for_agency(agency)
        .filter(lead__in=keys, campaign__status__in=[CampaignStatus.RUNNING, CampaignStatus.PAUSED])
        .exclude(campaign=campaign)
        .exclude(status=EnrolmentStatus.FINISHED)
    )
    since = now - dt.timedelta(days=agency.cooldown_days) if with_cooldown else None
    return _Facts(
        campaign=campaign,
        since=since,
        here=frozenset(here.values_list("lead_id", flat=True)),
        elsewhere=dict(elsewhere.values_list("lead_id", "campaign__name")),
        suppressed=suppressed(agency, addresses),
        contacts=prior_contacts(agency, addresses) if since else {},
    )


def _judge(lead: Lead, facts: _Facts) -> tuple[SkipReason, str] | None:
    if lead.pk in facts.here:
        return SkipReason.ALREADY, ""
    if not lead.email:
        return SkipReason.NO_ADDRESS, ""
    return _judge_address(lead, lead.email, facts) or _judge_contact(lead, lead.email, facts)


def _judge_address(lead: Lead, email: str, facts: _Facts) -> tuple[SkipReason, str] | None:
    if lead.verification == Verification.INVALID:
        return SkipReason.INVALID, "; ".join(str(why) for why in lead.verification_reasons[:2])
    if is_never_written_to(email):
        return SkipReason.INVALID, "A no-reply or abuse address."
    found = facts.suppressed.get(email)
    if found is not None:
        return SkipReason.SUPPRESSED, found.get_reason_display()
    return None


def _judge_contact(lead: Lead, email: str, facts: _Facts) -> tuple[SkipReason, str] | None:
    campaign = facts.campaign
    if campaign.client_id and lead.client_id and lead.client_id != campaign.client_id:
        return SkipReason.WRONG_CLIENT, ""
    if lead.pk in facts.elsewhere:
        return SkipReason.ELSEWHERE, f"In “{facts.elsewhere[lead.pk]}”."
    contact = facts.contacts.get(email)
    recent = contact and facts.since and contact.sent_at > facts.since
    if contact and recent and contact.campaign_key != campaign_key(campaign.pk):
        where = f" for “{contact.context}”" if contact.context else ""
        return (
            SkipReason.COOLDOWN,
            f"{contact.who} wrote on {contact.sent_at:%-d %B %Y}{where}: {contact.result}.",
        )
    return None
