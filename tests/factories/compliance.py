"""Suppressions, consents, assessments, requests to send and the facts they rest on."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import factory

from compliance.enums import ConsentBasis, Region, Requirement, SuppressionReason
from compliance.models import Consent, InterestAssessment, Suppression, digest_of
from compliance.policy import AgencyFacts, Facts, SendRequest
from tests.factories.accounts import AgencyFactory

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)  # a Monday


class SuppressionFactory(factory.django.DjangoModelFactory[Suppression]):
    class Meta:
        model = Suppression

    agency = factory.SubFactory(AgencyFactory)
    value = factory.Sequence(lambda n: f"person{n}@site.example")
    digest = factory.LazyAttribute(lambda row: digest_of(row.value))
    reason = SuppressionReason.MANUAL


class ConsentFactory(factory.django.DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    agency = factory.SubFactory(AgencyFactory)
    address = factory.Sequence(lambda n: f"person{n}@site.example")
    basis = ConsentBasis.CONSENT
    evidence = "Form on our site"
    obtained_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class AssessmentFactory(factory.django.DjangoModelFactory[InterestAssessment]):
    class Meta:
        model = InterestAssessment

    agency = factory.SubFactory(AgencyFactory)
    purpose = "Earn links"
    necessity = "No milder way"
    balancing = "Editors expect pitches"


def send_request(**changes: Any) -> SendRequest:
    """Return a request that every check lets through, but for `changes`."""
    values: dict[str, Any] = {
        "reference": "message-1",
        "mailbox_id": 7,
        "user_id": 3,
        "sender": "ann@agency.example",
        "recipient": "editor@site.example",
        "country": "US",
        "subject": "A question about your guide",
        "body_head": "Hello Editor,",
        "campaign_key": "campaign-1",
        "campaign_daily_cap": 50,
        "sequence_key": "enrolment-1",
        "mailbox_daily_cap": 50,
        "mailbox_hourly_cap": 20,
    }
    return SendRequest(**(values | changes))


def agency_facts(**changes: Any) -> AgencyFacts:
    """Return an agency that may send, but for `changes`."""
    values: dict[str, Any] = {
        "name": "Test Agency",
        "is_active": True,
        "has_postal_address": True,
        "has_sender_name": True,
        "cooldown_days": 30,
        "user_daily_cap": 100,
        "recipient_domain_daily_cap": 20,
        "zone": ZoneInfo("Europe/Berlin"),
    }
    return AgencyFacts(**(values | changes))


def facts(*, request: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """Return facts under which the e-mail may go, but for the changes."""
    sent = send_request(**(request or {}))
    values: dict[str, Any] = {
        "request": sent,
        "now": NOON,
        "agency": agency_facts(),
        "address": sent.recipient,
        "address_error": "",
        "region": Region.US,
        "region_source": "country United States",
        "requirement": Requirement.LEGITIMATE_INTEREST,
        "has_assessment": True,
    }
    return Facts(**(values | changes))
