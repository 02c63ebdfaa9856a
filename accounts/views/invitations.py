"""Where an invitation link leads."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.adapter import AccountAdapter
from accounts.enums import InvitationState
from accounts.invited import remember_invitation
from accounts.models import Invitation, User
from accounts.selectors import addresses_of, invitation_by_token, invitations_to
from accounts.services.invitations import InvitationError, accept, explain, is_proved, state_of
from accounts.signals import invitation_forged
from accounts.tenancy import UserRequest
from foundation.pages import say


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; POST takes it, or leads to sign-up. GET changes nothing."""
    found = invitation_by_token(token)
    if found is None:
        invitation_forged.send(sender=None, request=request)
        return render(request, "accounts/invitation_unknown.html", status=404)
    if state_of(found) != InvitationState.OPEN:
        return _refuse(request, found)
    return _take(request, found, token) if request.method == "POST" else _show(request, found)


def _take(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    if isinstance(request.user, User):
        return _join(request, found, request.user)
    return _sign_up(request, found, token)


@login_required
@require_POST
def invitation_take(request: UserRequest, pk: int) -> HttpResponse:
    """Take an invitation offered on one's own start page."""
    found = get_object_or_404(invitations_to(request.user), pk=pk)
    return _join(request, found, request.user)


def _show(request: HttpRequest, found: Invitation) -> HttpResponse:
    user = request.user
    login = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
    context = {
        "invitation": found,
        "mine": isinstance(user, User) and found.email in addresses_of(user),
        "login": login,
        "text": explain(found, InvitationState.OPEN),
    }
    return render(request, "accounts/invitation.html", context)


def _refuse(request: HttpRequest, found: Invitation) -> HttpResponse:
    context = {"invitation": found, "text": explain(found, state_of(found))}
    return render(request, "accounts/invitation_closed.html", context, status=410)


def _join(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    try:
        accept(invitation=found, user=user)
    except InvitationError as error:
        say(request, str(error), tone="bad")
        return redirect("home")
    say(request, f"Welcome to {found.agency.name}.")
    return redirect("overview", found.agency.slug)


def _sign_up(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    remember_invitation(request, token)
    if is_proved(token, request.GET.get("mail", "")):
        AccountAdapter(request).stash_verified_email(request, found.email)
    return redirect("account_signup")
