"""Consents at providers: given, renewed, found revoked, given again, taken back.

A renewal is done by one worker at a time, which says so in the row (`renewing_until`); the
others go on with the old token while it is good, or wait for the new one. Whoever writes does
it on condition of the version that was read, so a late answer never replaces a newer token.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from foundation.secrets import LostSecret
from mailer import oauth
from mailer.enums import MailboxAuth, MailboxStatus
from mailer.models import Mailbox, MailboxGrant
from mailer.oauth import OAuthError, OAuthProvider, Tokens, oauth_providers
from mailer.providers import PROVIDERS
from mailer.services import mailboxes
from mailer.services.mailboxes import create_mailbox, pause_mailbox, resume_mailbox

if TYPE_CHECKING:
    from accounts.models import Agency, User

log = structlog.get_logger(__name__)

# Renewed this long before it runs out.
MARGIN = timedelta(minutes=5)
# A worker that renews and dies holds the others up no longer.
RENEWING = timedelta(seconds=30)
_WAIT_STEP = 0.1
_LOST = (
    "The stored sign-in cannot be read: its encryption key is missing. Connect again, or have the"
    " operator put the key back."
)


class WrongAccountError(Exception):
    """Someone signed in as another account than the mailbox; the message says so."""


@transaction.atomic
def connect(
    *,
    agency: Agency,
    user: User,
    provider: OAuthProvider,
    tokens: Tokens,
    mailbox: Mailbox | None = None,
) -> Mailbox:
    """Keep a consent: for a mailbox, or for the agency's mailbox of that address, old or new.

    What the mailbox has sent and received stays with it. Raises `WrongAccountError`.
    """
    if not tokens.accounts:
        raise WrongAccountError(f"{provider.name} did not say which account signed in. Try again.")
    if mailbox is None:
        mailbox = _of_account(agency, user, provider, tokens)
    elif mailbox.address not in tokens.accounts:
        raise WrongAccountError(
            f"You signed in as {tokens.accounts[0]}, but this mailbox is {mailbox.address}."
            f" Connect again and choose {mailbox.address}."
        )
    had_problem = MailboxGrant.objects.filter(mailbox=mailbox).exclude(problem="").exists()
    _keep(mailbox, user, provider, tokens)
    _use_provider(mailbox, provider)
    if mailbox.status == MailboxStatus.FAILING or (
        had_problem and mailbox.status == MailboxStatus.PAUSED
    ):
        resume_mailbox(mailbox)
    return mailbox


def _of_account(agency: Agency, user: User, provider: OAuthProvider, tokens: Tokens) -> Mailbox:
    known = Mailbox.objects.for_agency(agency).filter(address__in=tokens.accounts).first()
    if known is not None:
        return known
    values = {"address": tokens.accounts[0], "daily_cap": PROVIDERS[provider.preset].daily_cap}
    return create_mailbox(agency=agency, owner=user, values=values)


def _keep(mailbox: Mailbox, user: User, provider: OAuthProvider, tokens: Tokens) -> None:
    now = timezone.now()
    values = {
        "agency": mailbox.agency,
        "provider": provider.key,
        "account": mailbox.address,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_at": now + timedelta(seconds=tokens.seconds),
        "renewing_until": None,
        "problem": "",
        "granted_by": user,
        "granted_at": now,
    }
    grant, made = MailboxGrant.objects.get_or_create(mailbox=mailbox, defaults=values)
    if not made:
        MailboxGrant.objects.filter(pk=grant.pk).update(**values, version=F("version") + 1)


def _use_provider(mailbox: Mailbox, provider: OAuthProvider) -> None:
    """Send a token to the provider's own servers only, and drop passwords no longer used."""
    preset = PROVIDERS[provider.preset]
    changes: dict[str, object] = {
        "auth": MailboxAuth.OAUTH2,
        "provider": preset.key,
        "smtp_username": mailbox.address,
        "imap_username": mailbox.address,
        "smtp_password": "",
        "imap_password": "",
        "read_lease_until": None if not mailbox.read_lease_owner else mailbox.read_lease_until,
        "last_read_error": "",
    }
    for name in ("smtp_host", "smtp_port", "smtp_security"):
        changes[name] = getattr(preset, name)
    for name in ("imap_host", "imap_port", "imap_security"):
        changes[name] = getattr(preset, name)
    Mailbox.objects.filter(pk=mailbox.pk).update(**changes)
    mailbox.refresh_from_db()


def disconnect(mailbox: Mailbox) -> bool:
    """Forget a consent and take it back at the provider; return whether that was possible."""
    grant = MailboxGrant.objects.filter(mailbox=mailbox).first()
    if grant is None:
        return False
    provider = oauth_providers()[grant.provider]
    with transaction.atomic():
        grant.delete()
        Mailbox.objects.filter(pk=mailbox.pk).update(auth=MailboxAuth.PASSWORD)
        mailbox.refresh_from_db()
        if mailbox.status in {MailboxStatus.ACTIVE, MailboxStatus.FAILING}:
            words = f"Disconnected from {provider.name}. Connect again or type a password."
            pause_mailbox(mailbox, reason=words)
    return oauth.revoke(provider, grant.refresh_token)


def delete_mailbox(mailbox: Mailbox) -> bool:
    """Delete a mailbox that never had a message, and its consent; False when it has."""
    grant = MailboxGrant.objects.filter(mailbox=mailbox).first()
    deleted = mailboxes.delete_mailbox(mailbox)
    if deleted and grant is not None:
        oauth.revoke(oauth_providers()[grant.provider], grant.refresh_token)
    return deleted


@sensitive_variables()
def access_token(mailbox: Mailbox, *, refused: str = "") -> str:
    """Return a token that opens the mailbox, renewed when it is about to run out.

    `refused` is one a server has just turned down: it is not given out again. Raises
    `OAuthError`, revoked when only a person can help.
    """
    deadline = time.monotonic() + RENEWING.total_seconds()
    while time.monotonic() < deadline:
        grant = MailboxGrant.objects.filter(mailbox=mailbox).first()
        _check(grant)
        assert grant is not None  # noqa: S101  # _check raised otherwise
        left = grant.expires_at - timezone.now()
        usable = bool(grant.access_token) and grant.access_token != refused and left > timedelta()
        if usable and left > MARGIN:
            return grant.access_token
        if _take_renewal(grant):
            return _renewed(grant)
        if usable:
            return grant.access_token
        time.sleep(_WAIT_STEP)
    raise OAuthError("Another worker asks for access just now. It is tried again.")


def _check(grant: MailboxGrant | None) -> None:
    if grant is None:
        raise OAuthError("The mailbox is not connected. Connect it again.", revoked=True)
    if grant.problem:
        raise OAuthError(grant.problem, revoked=True)
    if isinstance(grant.refresh_token, LostSecret):
        raise OAuthError(_LOST, revoked=True)


def _take_renewal(grant: MailboxGrant) -> bool:
    now = timezone.now()
    free = Q(renewing_until=None) | Q(renewing_until__lt=now)
    rows = MailboxGrant.objects.filter(free, pk=grant.pk, version=grant.version)
    return bool(rows.update(renewing_until=now + RENEWING))


@sensitive_variables()
def _renewed(grant: MailboxGrant) -> str:
    """Ask the provider for a new token and keep it, unless a newer one is there already."""
    rows = MailboxGrant.objects.filter(pk=grant.pk, version=grant.version)
    try:
        tokens = oauth.refresh(oauth_providers()[grant.provider], grant.refresh_token)
    except OAuthError as error:
        changes = {"problem": str(error)[:500]} if error.revoked else {}
        if rows.update(renewing_until=None, **changes) or not error.revoked:
            log.warning("token_not_renewed", mailbox=grant.mailbox_id, error=str(error))
            raise
        # Connected again, or renewed by another, while the provider answered.
        return MailboxGrant.objects.get(pk=grant.pk).access_token
    kept = rows.update(
        access_token=tokens.access,
        refresh_token=tokens.refresh or grant.refresh_token,
        expires_at=timezone.now() + timedelta(seconds=tokens.seconds),
        version=F("version") + 1,
        renewing_until=None,
    )
    return tokens.access if kept else MailboxGrant.objects.get(pk=grant.pk).access_token
