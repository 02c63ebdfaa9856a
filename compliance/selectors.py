"""Reads of the compliance app: who is suppressed, what a region asks, what is on record."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from accounts.models import Agency
from accounts.tenancy import AgencyQuerySet
from compliance.enums import Region, Requirement, SuppressionKind
from compliance.models import (
    AuditEntry,
    Consent,
    InterestAssessment,
    PolicyDecision,
    RegionRule,
    SecurityEvent,
    Suppression,
    digest_of,
)
from foundation.addresses import address_domain

Rows = TypeVar("Rows", bound=QuerySet[Any])

_DAY = timedelta(days=1)

DEFAULT_REQUIREMENT = {
    Region.EU: Requirement.CONSENT,
    Region.UK: Requirement.CONSENT,
    Region.CH: Requirement.CONSENT,
    Region.CA: Requirement.CONSENT,
    Region.AU: Requirement.CONSENT,
    Region.NZ: Requirement.CONSENT,
    Region.US: Requirement.LEGITIMATE_INTEREST,
    Region.OTHER: Requirement.LEGITIMATE_INTEREST,
}


def suppressed(agency: Agency, addresses: Iterable[str]) -> dict[str, Suppression]:
    """Return the suppression of each suppressed address, by address as given. One query.

    An address is suppressed itself, or with its domain or any domain above that; by the
    agency or by the platform. Where several hold, the address's own comes first.
    """
    ladders = {address: _ladder(address) for address in addresses}
    digests = {digest for ladder in ladders.values() for _, digest in ladder}
    if not digests:
        return {}
    found = {
        (row.kind, row.digest): row
        for row in Suppression.objects.filter(
            Q(agency=agency) | Q(agency__isnull=True), digest__in=digests
        ).order_by("agency")
    }
    result = {}
    for address, ladder in ladders.items():
        row = next((found[rung] for rung in ladder if rung in found), None)
        if row is not None:
            result[address] = row
    return result


def _ladder(address: str) -> list[tuple[str, str]]:
    """Return kind and digest of everything whose suppression covers an address."""
    plain = address.strip().lower()
    labels = address_domain(plain).split(".")
    domains = [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
    return [
        (SuppressionKind.ADDRESS, digest_of(plain)),
        *((SuppressionKind.DOMAIN, digest_of(domain)) for domain in domains if domain),
    ]


def region_requirements(agency: Agency) -> dict[Region, Requirement]:
    """Return what this agency asks for in every region: its own rule or the default."""
    own = RegionRule.objects.for_agency(agency).values_list("region", "requirement")
    return DEFAULT_REQUIREMENT | {Region(region): Requirement(needs) for region, needs in own}


def standing_assessment(agency: Agency) -> InterestAssessment | None:
    """Return the assessment of legitimate interest that holds now."""
    return (
        InterestAssessment.objects.for_agency(agency)
        .filter(withdrawn_at__isnull=True)
        .select_related("recorded_by")
        .order_by("-recorded_at", "-pk")
        .first()
    )


def standing_consents(
    agency: Agency, addresses: Iterable[str], *, at: datetime
) -> dict[str, list[Consent]]:
    """Return the consent records that hold at `at`, by address. One query."""
    rows = (
        Consent.objects.for_agency(agency)
        .filter(address__in=set(addresses), withdrawn_at__isnull=True, obtained_at__lte=at)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))
    )
    result: dict[str, list[Consent]] = {}
    for row in rows:
        result.setdefault(row.address, []).append(row)
    return result


# What pages list --------------------------------------------------------------------------


def suppression_list(
    agency: Agency, *, q: str = "", kind: str = "", reason: str = ""
) -> AgencyQuerySet[Suppression]:
    """Return the agency's suppressions; `q` is part of one, or (also erased) a whole one."""
    rows = Suppression.objects.for_agency(agency).select_related("actor")
    if kind:
        rows = rows.filter(kind=kind)
    if reason:
        rows = rows.filter(reason=reason)
    text = q.strip().lower().lstrip("@")
    if text:
        rows = rows.filter(
            Q(value__startswith=text) | Q(value__endswith=f"@{text}") | Q(digest=digest_of(text))
        )
    return rows


def consent_list(agency: Agency, *, q: str = "") -> AgencyQuerySet[Consent]:
    """Return the agency's consent records; `q` begins an address or is its domain."""
    rows = Consent.objects.for_agency(agency).select_related("actor")
    text = q.strip().lower().lstrip("@")
    if text:
        rows = rows.filter(Q(address__startswith=text) | Q(address__endswith=f"@{text}"))
    return rows


def decision_list(
    agency: Agency, *, q: str = "", outcome: str = "", **days: date
) -> AgencyQuerySet[PolicyDecision]:
    """Return the agency's decisions; `q` begins a recipient or is its domain."""
    rows = _between(PolicyDecision.objects.for_agency(agency), agency, **days).defer("trace")
    if outcome:
        rows = rows.filter(outcome=outcome)
    text = q.strip().lower().lstrip("@")
    if text:
        rows = rows.filter(Q(recipient__startswith=text) | Q(recipient__endswith=f"@{text}"))
    return rows


def audit_list(
    agency: Agency, *, q: str = "", actor: int = 0, action: str = "", **days: date
) -> AgencyQuerySet[AuditEntry]:
    """Return the agency's audit entries; `q` is part of what was changed, or its id."""
    rows = _between(AuditEntry.objects.for_agency(agency), agency, **days).select_related("actor")
    if actor:
        rows = rows.filter(actor=actor)
    if action:
        rows = rows.filter(action__startswith=action)
    if q.strip():
        text = q.strip()
        rows = rows.filter(
            Q(object_id=text) | Q(action__icontains=text) | Q(changes__icontains=text)
        )
    return rows


def security_list(agency: Agency, *, kind: str = "", **days: date) -> QuerySet[SecurityEvent]:
    """Return the security events that concern this agency."""
    events = SecurityEvent.objects.filter(agency=agency).select_related("actor")
    return _between(events, agency, **days).filter(**({"kind": kind} if kind else {}))


def _between(
    rows: Rows, agency: Agency, *, since: date | None = None, until: date | None = None
) -> Rows:
    """Return the rows of whole local days, from `since` up to and including `until`."""
    if since:
        rows = rows.filter(at__gte=datetime.combine(since, time.min, tzinfo=agency.zone))
    if until:
        rows = rows.filter(at__lt=datetime.combine(until, time.min, tzinfo=agency.zone) + _DAY)
    return rows
