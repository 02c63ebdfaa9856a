"""Every write of the compliance app."""

from compliance.services.consent import (
    record_assessment,
    record_consents,
    set_region_rules,
    withdraw_assessment,
    withdraw_consent,
)
from compliance.services.decisions import authorise, release
from compliance.services.suppression import suppress, suppress_digest, unsuppress

__all__ = [
    "authorise",
    "record_assessment",
    "record_consents",
    "release",
    "set_region_rules",
    "suppress",
    "suppress_digest",
    "unsuppress",
    "withdraw_assessment",
    "withdraw_consent",
]
