"""Choices of the compliance app."""

from foundation.choices import TonedChoices


class SuppressionKind(TonedChoices):
    """What a suppression names."""

    ADDRESS = "address", "", "Address"
    DOMAIN = "domain", "", "Domain"


class SuppressionReason(TonedChoices):
    """Why we may not write."""

    UNSUBSCRIBED = "unsubscribed", "bad", "Unsubscribed"
    BOUNCED = "bounced", "bad", "Bounced"
    COMPLAINED = "complained", "bad", "Complained"
    NOT_INTERESTED = "not_interested", "warn", "Not interested"
    MANUAL = "manual", "", "Added by hand"
    IMPORTED = "imported", "", "Imported"
    ERASED = "erased", "mute", "Erased on request"


class Region(TonedChoices):
    """Where the recipient is, as far as the law of cold e-mail goes."""

    EU = "EU", "", "EU and EEA"
    UK = "UK", "", "United Kingdom"
    CH = "CH", "", "Switzerland"
    CA = "CA", "", "Canada"
    AU = "AU", "", "Australia"
    NZ = "NZ", "", "New Zealand"
    US = "US", "", "United States"
    OTHER = "OTHER", "", "Elsewhere or unknown"


class Requirement(TonedChoices):
    """What a region asks for before a cold e-mail may be sent."""

    CONSENT = "consent", "warn", "Consent"
    LEGITIMATE_INTEREST = "legitimate_interest", "info", "Legitimate interest"
    BLOCKED = "blocked", "bad", "No cold e-mail"


class ConsentBasis(TonedChoices):
    """What a consent record proves."""

    CONSENT = "consent", "ok", "Consent"
    LEGITIMATE_INTEREST = "legitimate_interest", "info", "Legitimate interest"
    CONTRACT = "contract", "ok", "Contract"


class CounterScope(TonedChoices):
    """Whose sends a counter counts."""

    USER = "user", "", "Member, a day"
    MAILBOX_DAY = "mailbox_day", "", "Mailbox, a day"
    MAILBOX_HOUR = "mailbox_hour", "", "Mailbox, an hour"
    RECIPIENT_DOMAIN = "recipient_domain", "", "Recipient domain, a day"
    CAMPAIGN = "campaign", "", "Campaign, a day"


class Outcome(TonedChoices):
    """What the policy decided."""

    ALLOWED = "allowed", "ok", "Allowed"
    DEFERRED = "deferred", "warn", "Deferred"
    BLOCKED = "blocked", "bad", "Blocked"


class Stage(TonedChoices):
    """When the policy was asked."""

    QUEUED = "queued", "", "When queued"
    CLAIMED = "claimed", "", "Before sending"
    ASKED = "asked", "", "Asked by hand"


class CheckResult(TonedChoices):
    """What one check of the policy found."""

    PASSED = "passed", "ok", "Passed"
    SKIPPED = "skipped", "mute", "Not asked"
    DEFERRED = "deferred", "warn", "Wait"
    BLOCKED = "blocked", "bad", "No"


class Check(TonedChoices):
    """One question the policy asks of an e-mail, in this order."""

    AGENCY = "agency", "", "Agency may send"
    IDENTITY = "identity", "", "Agency’s identity"
    MAILBOX = "mailbox", "", "Mailbox may send"
    RECIPIENT = "recipient", "", "Address can be written to"
    SUPPRESSION = "suppression", "", "Not suppressed"
    LEGAL_BASIS = "legal_basis", "", "Legal basis"
    PUBLISHER = "publisher", "", "Publisher’s own rules"
    COOLDOWN = "cooldown", "", "Prior contact"
    DUPLICATE = "duplicate", "", "Not sent before"
    UNSUBSCRIBE = "unsubscribe", "", "Unsubscribe link"
    CONTENT = "content", "", "Nothing unresolved"
    WINDOW = "window", "", "Sending window"
    CAP_USER = "cap_user", "", "Member’s cap"
    CAP_MAILBOX_DAY = "cap_mailbox_day", "", "Mailbox’s daily cap"
    CAP_MAILBOX_HOUR = "cap_mailbox_hour", "", "Mailbox’s hourly cap"
    CAP_RECIPIENT_DOMAIN = "cap_recipient_domain", "", "Recipient domain’s cap"
    CAP_CAMPAIGN = "cap_campaign", "", "Campaign’s cap"


class MailKind(TonedChoices):
    """What an e-mail is to the policy; the values are those of mailer's MessageKind."""

    CAMPAIGN = "campaign", "", "Campaign e-mail"
    REPLY = "reply", "", "Reply by a person"
    TEST = "test", "", "Test e-mail"


class SecurityKind(TonedChoices):
    """What made a security event."""

    LOGIN_FAILED = "login_failed", "warn", "Failed login"
    PERMISSION_DENIED = "permission_denied", "warn", "Role too low"
    CROSS_AGENCY = "cross_agency", "bad", "Another agency’s page"
    FORGED_TOKEN = "forged_token", "bad", "Forged or damaged token"
    CSRF_FAILED = "csrf_failed", "bad", "Form from elsewhere"
