"""Choices of the integrations app."""

from foundation.choices import TonedChoices


class Provider(TonedChoices):
    """Another company whose service an agency pays for."""

    DATAFORSEO = "dataforseo", "", "DataForSEO"


class CallOutcome(TonedChoices):
    """How a call to a provider ended."""

    OK = "ok", "ok", "Answered"
    REFUSED = "refused", "bad", "Refused"
    FAILED = "failed", "warn", "Failed"
