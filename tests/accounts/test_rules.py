"""Whether an invitation still stands."""

import datetime as dt
from typing import Any

import pytest

from accounts.enums import InvitationState
from accounts.rules import digest, invitation_state

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
OPEN: dict[str, Any] = {
    "accepted_at": None,
    "revoked_at": None,
    "expires_at": NOW + dt.timedelta(seconds=1),
    "agency_is_active": True,
    "now": NOW,
}


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, InvitationState.OPEN),
        ({"accepted_at": NOW}, InvitationState.USED),
        ({"revoked_at": NOW}, InvitationState.REVOKED),
        ({"agency_is_active": False}, InvitationState.REVOKED),
        ({"expires_at": NOW}, InvitationState.EXPIRED),
        ({"accepted_at": NOW, "expires_at": NOW}, InvitationState.USED),
    ],
)
def test_invitation_state_says_why(change: dict[str, Any], state: InvitationState) -> None:
    assert invitation_state(**(OPEN | change)) == state


def test_digest_does_not_show_the_token() -> None:
    assert "secret" not in digest("secret")
