"""Signing a mailbox in at Google or Microsoft, coming back from there, and signing out.

The one callback of the installation knows from the session, not from the URL, which agency
and mailbox a sign-in was started for; each `state` is good once, for half an hour, for the
person who started it.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view, membership_in
from compliance import audit, security
from compliance.enums import SecurityKind
from foundation.pages import say
from foundation.throttle import limited
from mailer.models import Mailbox
from mailer.oauth import (
    OAuthError,
    OAuthProvider,
    authorization_url,
    exchange,
    new_verifier,
    oauth_providers,
)
from mailer.services import grants
from mailer.services.grants import WrongAccountError

_KEY = "oauth"
_SECONDS = 30 * 60
_PENDING = 5


def _provider(key: str) -> OAuthProvider:
    found = oauth_providers().get(key)
    if found is None:
        raise Http404
    return found


def _redirect_uri(provider: OAuthProvider) -> str:
    path = reverse("mailer_public:connect_callback", args=[provider.key])
    return f"{settings.SITE_URL}{path}"


@member_view(Role.MANAGER)
@require_safe
def connect_start(request: AgencyRequest, provider: str) -> HttpResponse:
    """Send a manager to the provider to sign a new mailbox in, or `?mailbox=` again."""
    found = _provider(provider)
    mailbox = None
    if asked := request.GET.get("mailbox", ""):
        rows = Mailbox.objects.for_agency(request.agency)
        mailbox = get_object_or_404(rows, pk=int(asked) if asked.isdecimal() else 0)
    if not found.ready:
        words = f"{found.name} is not set up here: the operator sets {found.wanted_settings}."
        say(request, words, tone="bad")
        return redirect(_back(request.agency.slug, mailbox.pk if mailbox else None))
    verifier = new_verifier()
    pending = {
        "provider": found.key,
        "agency": request.agency.slug,
        "user": request.user.pk,
        "mailbox": mailbox.pk if mailbox else None,
        "verifier": verifier,
        "at": time.time(),
    }
    state = secrets.token_urlsafe(32)
    others = list(request.session.get(_KEY, {}).items())[1 - _PENDING :]
    request.session[_KEY] = {**dict(others), state: pending}
    hint = mailbox.address if mailbox else ""
    where = authorization_url(
        found,
        state=state,
        verifier=verifier,
        redirect_uri=_redirect_uri(found),
        hint=hint,
    )
    return redirect(where)


@login_required
@require_GET
@sensitive_variables()
def connect_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a person back from the provider, with a code or with a refusal."""
    found = _provider(provider)
    assert isinstance(request.user, User)  # noqa: S101  # login_required
    pending = _take(request, found)
    if pending is None:
        detail = {"path": request.path}
        security.record(
            SecurityKind.FORGED_TOKEN, request=request, actor=request.user, detail=detail
        )
        words = "This sign-in was not started here, was used already, or took too long. Try again."
        say(request, words, tone="bad")
        return redirect("home")
    membership = membership_in(request.user, pending["agency"])
    if not includes(membership.role, Role.MANAGER):
        raise PermissionDenied
    try:
        mailbox = _connect(request, found, membership, pending)
    except (OAuthError, WrongAccountError) as error:
        say(request, str(error), tone="bad")
        return redirect(_back(membership.agency.slug, pending["mailbox"]))
    audit.record(
        agency=membership.agency,
        actor=request.user,
        action="mailer:mailbox_connected",
        object_type="mailer",
        object_id=str(mailbox.pk),
        changes={"provider": found.key, "address": mailbox.address},
        request=request,
        status=302,
    )
    say(request, f"{mailbox.address} is connected with {found.name}. Test its connection next.")
    return redirect(_back(membership.agency.slug, mailbox.pk))


def _take(request: HttpRequest, provider: OAuthProvider) -> dict[str, Any] | None:
    """Return what this sign-in was started for, once."""
    kept = dict(request.session.get(_KEY, {}))
    pending: dict[str, Any] | None = kept.pop(request.GET.get("state", ""), None)
    if pending is None:
        return None
    request.session[_KEY] = kept
    fresh = time.time() - pending["at"] < _SECONDS
    same = pending["provider"] == provider.key and pending["user"] == request.user.pk
    return pending if fresh and same else None


@sensitive_variables()
def _connect(
    request: HttpRequest, provider: OAuthProvider, membership: Membership, pending: dict[str, Any]
) -> Mailbox:
    code = request.GET.get("code", "")
    if not code:
        raise OAuthError(f"{provider.name} was not given permission. Nothing has changed.")
    mailbox = None
    if pending["mailbox"] is not None:
        rows = Mailbox.objects.for_agency(membership.agency).select_related("agency")
        mailbox = get_object_or_404(rows, pk=pending["mailbox"])
    tokens = exchange(
        provider, code=code, verifier=pending["verifier"], redirect_uri=_redirect_uri(provider)
    )
    return grants.connect(
        agency=membership.agency,
        user=membership.user,
        provider=provider,
        tokens=tokens,
        mailbox=mailbox,
    )


def _back(slug: str, mailbox: int | None) -> str:
    if mailbox is None:
        return reverse("mailer:mailbox_new", args=[slug])
    return reverse("mailer:mailbox", args=[slug, mailbox])


@member_view(Role.MANAGER)
@require_POST
@limited("mailbox_disconnect")
def mailbox_disconnect(request: AgencyRequest, pk: int) -> HttpResponse:
    """Forget a sign-in, and take it back at the provider."""
    rows = Mailbox.objects.for_agency(request.agency).select_related("agency")
    mailbox = get_object_or_404(rows, pk=pk)
    grant = getattr(mailbox, "grant", None)
    if grant is not None:
        provider = oauth_providers()[grant.provider]
        if grants.disconnect(mailbox):
            say(request, f"{mailbox.address} is disconnected, and {provider.name} knows.")
        else:
            where = f"Remove Outreach Desk at {provider.account_url} as well."
            say(request, f"{mailbox.address} is disconnected. {where}", tone="warn")
    return redirect(_back(request.agency.slug, mailbox.pk))
