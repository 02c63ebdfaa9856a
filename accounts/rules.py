"""Invitations as values: what the table keeps of a token, and whether an offer still stands."""

import datetime as dt
import hashlib

from accounts.enums import InvitationState


def digest(token: str) -> str:
    """Return what the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_state(
    *,
    accepted_at: dt.datetime | None,
    revoked_at: dt.datetime | None,
    expires_at: dt.datetime,
    agency_is_active: bool,
    now: dt.datetime,
) -> InvitationState:
    """Return whether an offer can still be taken, and if not, why."""
    if accepted_at:
        return InvitationState.USED
    if revoked_at or not agency_is_active:
        return InvitationState.REVOKED
    return InvitationState.EXPIRED if expires_at <= now else InvitationState.OPEN
