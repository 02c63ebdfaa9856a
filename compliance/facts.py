"""What the policy is asked, what it must know, and what it answers. Plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from compliance.enums import CounterScope, MailKind, Region
from compliance.windows import Window


@dataclass(frozen=True)
class LastContact:
    """The last e-mail anyone in the agency sent to this person."""

    at: datetime
    sequence_key: str
    who: str = ""


@dataclass(frozen=True)
class SendRequest:
    """One e-mail someone wants to send, in the words of its sender.

    Args:
        reference: the caller's key of the e-mail, unique in the agency.
        mailbox_problem: why the mailbox cannot send now, "" when it can.
        mailbox_until: when it is tried again; without one it never sends again.
        publisher_rule: what the publisher forbids and nobody has overridden, "" for nothing.
        last_contact: handed down by the mailer, which knows what was sent.
        body_head: the beginning of the text (all of it is best), searched for syntax.
        due_at: when it is planned to go, where that is later than now.
        follows_up: it goes on with what the same sender wrote to the same person before, in
            a thread or a sequence; its subject may be the same, its words may not.
    """

    reference: str
    mailbox_id: int | None
    sender: str
    recipient: str
    user_id: int | None = None
    recipient_name: str = ""
    country: str = ""
    subject: str = ""
    body_head: str = ""
    kind: str = MailKind.CAMPAIGN
    campaign_key: str = ""
    campaign_daily_cap: int | None = None
    sequence_key: str = ""
    with_unsubscribe: bool = True
    unresolved: tuple[str, ...] = ()
    publisher_rule: str = ""
    cooldown_override: bool = False
    window: Window | None = None
    mailbox_daily_cap: int | None = None
    mailbox_hourly_cap: int | None = None
    mailbox_problem: str = ""
    mailbox_until: datetime | None = None
    last_contact: LastContact | None = None
    due_at: datetime | None = None
    follows_up: bool = False


@dataclass(frozen=True)
class AgencyFacts:
    """What the policy needs to know of the agency."""

    name: str
    is_active: bool
    has_postal_address: bool
    has_sender_name: bool
    cooldown_days: int
    user_daily_cap: int
    recipient_domain_daily_cap: int
    zone: ZoneInfo
    pk: int = 0


@dataclass(frozen=True)
class SuppressionFact:
    """That an address or its domain is suppressed, why, and by whom."""

    reason: str
    is_domain: bool = False
    is_platform: bool = False
    value: str = ""


@dataclass(frozen=True)
class ConsentFact:
    """One consent record that stands at the moment asked for."""

    basis: str
    obtained_at: datetime


@dataclass(frozen=True)
class Facts:
    """Everything one decision rests on."""

    request: SendRequest
    now: datetime
    agency: AgencyFacts
    address: str
    address_error: str
    region: Region
    region_source: str
    requirement: str
    suppression: SuppressionFact | None = None
    consents: tuple[ConsentFact, ...] = ()
    has_assessment: bool = False
    sent_before_at: datetime | None = None
    used: dict[CounterScope, int] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """When it would go: now, or when it is due if that is later."""
        return max(self.now, self.request.due_at or self.now)

    @cached_property
    def caps(self) -> dict[CounterScope, int]:
        """The caps that count this e-mail.

        A person's reply counts for its mailbox only: caps on cold e-mail are not about it.
        """
        request, agency = self.request, self.agency
        caps: dict[CounterScope, int | None] = {}
        if request.mailbox_id:
            caps[CounterScope.MAILBOX_DAY] = request.mailbox_daily_cap
            caps[CounterScope.MAILBOX_HOUR] = request.mailbox_hourly_cap
        if request.kind == MailKind.CAMPAIGN:
            caps[CounterScope.RECIPIENT_DOMAIN] = agency.recipient_domain_daily_cap
            if request.user_id:
                caps[CounterScope.USER] = agency.user_daily_cap
            if request.campaign_key:
                caps[CounterScope.CAMPAIGN] = request.campaign_daily_cap
        return {scope: cap for scope, cap in caps.items() if cap is not None}


@dataclass(frozen=True)
class TraceLine:
    """What one check found: passed, skipped, deferred (until) or blocked, in a sentence."""

    check: str
    result: str
    sentence: str
    until: datetime | None = None
    code: str = ""


@dataclass(frozen=True)
class Decision:
    """The policy's answer.

    Args:
        codes: what stood against it, in the order of the checks; empty when allowed.
        sentences: the same in words for people; never empty.
        until: for a deferral, when to ask again.
        reservations: what `services.release` needs to give the slots back (JSON).
        decision_id: the stored row, once `services.authorise` has stored it.
    """

    outcome: str
    codes: tuple[str, ...]
    sentences: tuple[str, ...]
    until: datetime | None
    region: str
    legal_basis: str
    trace: tuple[dict[str, str], ...]
    reservations: list[dict[str, Any]] = field(default_factory=list)
    decision_id: int | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the e-mail may go now."""
        return self.outcome == "allowed"
