"""Choices of the accounts app."""

from foundation.choices import TonedChoices


class Role(TonedChoices):
    """What a member may do; each role includes those below it, the client stands apart."""

    OWNER = "owner", "accent", "Owner"
    MANAGER = "manager", "info", "Manager"
    MEMBER = "member", "", "Member"
    CLIENT = "client", "violet", "Client"


class ApprovalMode(TonedChoices):
    """What a manager approves before a campaign may send."""

    SEQUENCE = "sequence", "", "The whole sequence"
    EACH_EMAIL = "each_email", "", "Each e-mail"


class InvitationState(TonedChoices):
    """Whether an invitation can still be taken."""

    OPEN = "open", "info", "Open"
    USED = "used", "ok", "Accepted"
    REVOKED = "revoked", "mute", "Revoked"
    EXPIRED = "expired", "warn", "Expired"
