"""Offering a seat by mail, and taking it.

The link carries a random token, the table only its digest. The link that was mailed
also carries a proof nobody in the agency ever sees, so that whoever follows it is
known to read that mailbox; a link copied by hand joins too, but proves no address.
"""

import datetime as dt
import secrets
import smtplib
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.enums import InvitationState, Role
from accounts.models import Client, Invitation, Membership, User
from accounts.roles import grantable
from accounts.rules import digest, invitation_state
from accounts.selectors import addresses_of
from accounts.services.team import TeamRuleError

log = structlog.get_logger(__name__)

PRODUCT = "Outreach Desk"
LIFETIME = dt.timedelta(days=14)
# Open invitations an agency may have at a time.
OPEN_LIMIT = 200
_PROOF_SALT = "accounts.invitation.mailed"


class InvitationError(Exception):
    """An invitation cannot be made or taken; the message says why in a sentence."""


@dataclass(frozen=True)
class Offer:
    """An invitation just made and its token, which is never stored."""

    invitation: Invitation
    token: str

    @property
    def link(self) -> str:
        """The link to hand over by other means."""
        return f"{settings.SITE_URL}{reverse('invitation', args=[self.token])}"

    @property
    def mailed_link(self) -> str:
        """The link for the mail, whose reader has proved the address."""
        return f"{self.link}?mail={_proof(self.token)}"


@transaction.atomic
def invite(*, actor: Membership, email: str, role: str, client: Client | None = None) -> Offer:
    """Offer a seat; an open offer to the same address is replaced.

    Raises `InvitationError` or `TeamRuleError`.
    """
    email = email.strip().lower()
    _check_offer(actor, email, role, client)
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation, _ = Invitation.objects.update_or_create(
        agency=actor.agency,
        email=email,
        accepted_at=None,
        revoked_at=None,
        defaults={
            "role": role,
            "client": client if role == Role.CLIENT else None,
            "token_digest": digest(token),
            "invited_by": actor.user,
            "expires_at": now + LIFETIME,
            "mailed_at": None,
            "mail_error": "",
        },
    )
    return Offer(invitation, token)


def renew(*, actor: Membership, invitation: Invitation) -> Offer:
    """Offer the same seat again with a new link and a new expiry; the old link dies."""
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationError("This invitation is no longer open.")
    return invite(
        actor=actor, email=invitation.email, role=invitation.role, client=invitation.client
    )


def mail_invitation(offer: Offer) -> bool:
    """Send the offer after it was committed; return whether the mail server took it."""
    invitation = offer.invitation
    context = {
        "invitation": invitation,
        "link": offer.mailed_link,
        "site_url": settings.SITE_URL,
        "product": PRODUCT,
    }
    message = EmailMultiAlternatives(
        subject=" ".join(f"Join {invitation.agency.name} on {PRODUCT}".split()),
        body=render_to_string("accounts/email/invitation.txt", context),
        to=[invitation.email],
    )
    message.attach_alternative(
        render_to_string("accounts/email/invitation.html", context), "text/html"
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("invitation_not_mailed", invitation=invitation.pk, error=str(error))
        invitation.mail_error = "The mail server could not be reached or refused the mail."
    else:
        invitation.mailed_at, invitation.mail_error = timezone.now(), ""
    invitation.save(update_fields=["mailed_at", "mail_error"])
    return not invitation.mail_error


def revoke(*, actor: Membership, invitation: Invitation) -> None:
    """Take an offer back. Raises `TeamRuleError`."""
    if Role(invitation.role) not in grantable(actor.role):
        raise TeamRuleError("Only an owner can revoke an owner's invitation.")
    Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=timezone.now())


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership:
    """Take the seat. Raises `InvitationError` when it is not open or not theirs."""
    if invitation.email not in addresses_of(user):
        raise InvitationError(f"This invitation is for {invitation.email}.")
    now = timezone.now()
    taken = Invitation.objects.filter(
        pk=invitation.pk,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
        agency__is_active=True,
    ).update(accepted_at=now)
    if not taken:
        invitation.refresh_from_db()
        raise InvitationError(explain(invitation, state_of(invitation)))
    # Someone who is a member already keeps the role they have.
    membership, _ = Membership.objects.get_or_create(
        user=user,
        agency_id=invitation.agency_id,
        defaults={"role": invitation.role, "client": invitation.client},
    )
    return membership


def state_of(invitation: Invitation) -> InvitationState:
    """Return whether the offer can still be taken now, and if not, why."""
    return invitation_state(
        accepted_at=invitation.accepted_at,
        revoked_at=invitation.revoked_at,
        expires_at=invitation.expires_at,
        agency_is_active=invitation.agency.is_active,
        now=timezone.now(),
    )


def explain(invitation: Invitation, state: InvitationState) -> str:
    """Return what to tell whoever follows the link."""
    agency = invitation.agency.name
    return {
        InvitationState.OPEN: f"{agency} invites you to join as {_role(invitation)}.",
        InvitationState.USED: "This invitation has been used. Log in to open the agency.",
        InvitationState.REVOKED: f"{agency} has withdrawn this invitation. Ask them for a new one.",
        InvitationState.EXPIRED: f"This invitation has expired. Ask {agency} to send it again.",
    }[state]


def is_proved(token: str, proof: str) -> bool:
    """Return whether `proof` is the one only the mailed link carries."""
    return constant_time_compare(proof, _proof(token))


def _role(invitation: Invitation) -> str:
    return Role(invitation.role).label.lower()


def _proof(token: str) -> str:
    return salted_hmac(_PROOF_SALT, token, algorithm="sha256").hexdigest()[:40]


def _check_offer(actor: Membership, email: str, role: str, client: Client | None) -> None:
    if Role(role) not in grantable(actor.role):
        raise TeamRuleError("Only an owner can invite an owner.")
    if role == Role.CLIENT and (client is None or client.agency_id != actor.agency_id):
        raise InvitationError("Choose the client whose campaigns this person may see.")
    if Membership.objects.filter(agency=actor.agency, user__email=email).exists():
        raise InvitationError(f"{email} is already a member.")
    waiting = Invitation.objects.for_agency(actor.agency).filter(
        accepted_at__isnull=True, revoked_at__isnull=True
    )
    if waiting.count() >= OPEN_LIMIT:
        raise InvitationError(
            f"{OPEN_LIMIT} invitations are open. Revoke some before sending more."
        )
