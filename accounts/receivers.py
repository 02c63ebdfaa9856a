"""What happens to a person once allauth has signed them up or confirmed their address."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.invited import forget_invitation, remembered_invitation
from accounts.models import User
from accounts.services.agencies import found_wanted_agency
from accounts.services.invitations import accept


@receiver(email_confirmed)
def on_email_confirmed(email_address: EmailAddress, **kwargs: Any) -> None:
    """Found the agency named at sign-up, now that its owner is known to be reachable."""
    found_wanted_agency(user=email_address.user)


@receiver(user_signed_up)
def on_user_signed_up(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Seat a new user who came through a mailed invitation, which proved their address.

    One who came through a copied link confirms the address first and then finds the
    invitation on their start page.
    """
    invitation = remembered_invitation(request)
    forget_invitation(request)
    if invitation is None:
        return
    proved = EmailAddress.objects.filter(user=user, email=invitation.email, verified=True)
    if proved.exists():
        accept(invitation=invitation, user=user)
