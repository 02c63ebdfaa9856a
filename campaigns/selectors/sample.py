"""A campaign's people, the first of them looked at closely: what they lack, who is left out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from campaigns.enums import EnrolmentStatus, VariantStatus
from campaigns.models import Campaign, SequenceStep
from campaigns.templating import lead_context, render_email
from compliance.enums import Requirement
from compliance.regions import infer_region
from compliance.selectors import (
    region_requirements,
    standing_assessment,
    standing_consents,
    suppressed,
)
from foundation.addresses import address_domain
from leads.models import Lead

# Rendering costs about half a millisecond: so many leads fit into a page's patience.
DESIGN_SAMPLE = 100
REVIEW_SAMPLE = 500


@dataclass
class Holes:
    """How many of the leads looked at lack a variable that the text uses without a default."""

    checked: int = 0
    leads: int = 0
    counts: list[tuple[str, int]] = field(default_factory=list)


def open_leads(campaign: Campaign, limit: int) -> list[Lead]:
    """Return the leads of the first unfinished enrolments."""
    rows = campaign.enrolments.exclude(status=EnrolmentStatus.FINISHED).order_by("pk")
    return [enrolment.lead for enrolment in rows.select_related("lead")[:limit]]


def holes_in(campaign: Campaign, texts: Iterable[tuple[str, str]], leads: Sequence[Lead]) -> Holes:
    """Return what these subjects and bodies would leave open, lead by lead."""
    texts = list(texts)
    client = campaign.client
    if client is not None:
        prefetch_related_objects([client], "target_pages")
    mailbox = campaign.mailboxes.first()
    names: Counter[str] = Counter()
    lacking = 0
    for lead in leads:
        context = lead_context(
            lead, client=client, mailbox=mailbox, user=campaign.owner, agency=campaign.agency
        )
        missing = _missing(texts, context)
        names.update(missing)
        lacking += bool(missing)
    return Holes(len(leads), lacking, names.most_common(12))


def _missing(texts: Iterable[tuple[str, str]], context: dict[str, Any]) -> set[str]:
    return {
        name for subject, body in texts for name in render_email(subject, body, context).unresolved
    }


def active_texts(steps: Iterable[SequenceStep]) -> list[tuple[str, str]]:
    """Return subject and body of every variant that takes part (variants prefetched)."""
    return [
        (variant.subject, variant.body)
        for step in steps
        for variant in step.variants.all()
        if variant.status == VariantStatus.ACTIVE
    ]


@dataclass
class Exclusions:
    """Whom the first e-mail will not reach, and why, among those looked at."""

    checked: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(number for _, number in self.reasons)


def exclusions(campaign: Campaign, leads: Sequence[Lead]) -> Exclusions:
    """Return how many of these leads the policy would refuse today, by reason.

    The policy itself decides each e-mail when it is queued and again when it is sent;
    this tells a person beforehand.
    """
    agency, now = campaign.agency, timezone.now()
    addresses = [lead.email for lead in leads if lead.email]
    refused = suppressed(agency, addresses)
    consents = standing_consents(agency, addresses, at=now)
    needs = region_requirements(agency)
    assessed = standing_assessment(agency) is not None
    reasons: Counter[str] = Counter()
    for lead in leads:
        if not lead.email:
            reasons["without an address"] += 1
        elif lead.email in refused:
            reasons["on the list of those not to be written to"] += 1
        elif lead.email not in consents:
            reasons[_without_consent(lead, needs, assessed=assessed)] += 1
    del reasons[""]
    return Exclusions(len(leads), reasons.most_common())


def _without_consent(lead: Lead, needs: dict[Any, Requirement], *, assessed: bool) -> str:
    region, _ = infer_region(lead.country, address_domain(lead.email or ""))
    need = needs[region]
    if need == Requirement.BLOCKED:
        return "in a region this agency does not write to"
    if need == Requirement.CONSENT:
        return "in a region that asks for consent, with none on record"
    if not assessed:
        return "in a region that asks for an assessment of legitimate interest, not recorded yet"
    return ""
