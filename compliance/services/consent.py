"""Recording what allows us to write: consent, the interest assessment, region rules."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import Agency, User
from compliance.enums import Region, Requirement
from compliance.models import Consent, InterestAssessment, RegionRule
from compliance.selectors import DEFAULT_REQUIREMENT


def record_consents(
    *,
    agency: Agency,
    addresses: Iterable[str],
    basis: str,
    evidence: str,
    obtained_at: datetime,
    expires_at: datetime | None = None,
    actor: User | None = None,
) -> list[Consent]:
    """Keep the same evidence for each of these normalised addresses."""
    return Consent.objects.bulk_create(
        [
            Consent(
                agency=agency,
                address=address,
                basis=basis,
                evidence=evidence,
                obtained_at=obtained_at,
                expires_at=expires_at,
                actor=actor,
            )
            for address in dict.fromkeys(addresses)
        ],
        batch_size=1000,
    )


def withdraw_consent(*, agency: Agency, consent_id: int, now: datetime) -> bool:
    """Mark a consent as withdrawn; the record of it stays. False if it already was."""
    return bool(
        Consent.objects.for_agency(agency)
        .filter(pk=consent_id, withdrawn_at__isnull=True)
        .update(withdrawn_at=now)
    )


def record_assessment(
    *,
    agency: Agency,
    purpose: str,
    necessity: str,
    balancing: str,
    actor: User | None,
    now: datetime,
) -> InterestAssessment:
    """Keep a new assessment of legitimate interest; the one before it no longer holds."""
    with transaction.atomic():
        withdraw_assessment(agency=agency, now=now)
        return InterestAssessment.objects.create(
            agency=agency,
            purpose=purpose,
            necessity=necessity,
            balancing=balancing,
            recorded_by=actor,
            recorded_at=now,
        )


def withdraw_assessment(*, agency: Agency, now: datetime) -> bool:
    """Let no assessment hold from now on; False if none did."""
    standing = InterestAssessment.objects.for_agency(agency).filter(withdrawn_at__isnull=True)
    return bool(standing.update(withdrawn_at=now))


def set_region_rules(*, agency: Agency, rules: Mapping[Region, Requirement]) -> None:
    """Keep what the agency asks for in these regions; a default is not stored."""
    own = {region: needs for region, needs in rules.items() if DEFAULT_REQUIREMENT[region] != needs}
    with transaction.atomic():
        RegionRule.objects.for_agency(agency).filter(region__in=set(rules) - set(own)).delete()
        RegionRule.objects.bulk_create(
            [
                RegionRule(agency=agency, region=region, requirement=needs)
                for region, needs in own.items()
            ],
            update_conflicts=True,
            unique_fields=["agency", "region"],
            update_fields=["requirement"],
        )
