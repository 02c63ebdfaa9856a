"""The invitation a visitor is following, kept in their session through sign-up and login."""

from django.http import HttpRequest

from accounts.enums import InvitationState
from accounts.models import Invitation
from accounts.selectors import invitation_by_token
from accounts.services.invitations import state_of

_KEY = "invitation"


def remember_invitation(request: HttpRequest, token: str) -> None:
    """Keep the token while the visitor signs up."""
    request.session[_KEY] = token


def remembered_invitation(request: HttpRequest) -> Invitation | None:
    """Return the invitation being followed, while it can still be taken."""
    token = request.session.get(_KEY)
    invitation = invitation_by_token(token) if token else None
    if invitation is None or state_of(invitation) != InvitationState.OPEN:
        return None
    return invitation


def forget_invitation(request: HttpRequest) -> None:
    """Stop following."""
    request.session.pop(_KEY, None)
