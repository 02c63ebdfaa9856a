"""OAuth 2.0 at the mail providers: authorization code with PKCE, refresh, revocation.

RFC 6749, RFC 7636 and RFC 7009, as Google and Microsoft serve them. Nothing is stored here.
Endpoints are settings, so that a stand-in can serve.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from foundation.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 64 * 1024
_OK, _SERVER_ERROR, _TOO_MANY = 200, 500, 429


class OAuthError(Exception):
    """A provider did not do as asked; the message is for people.

    `revoked` says that the consent is gone and only a person can give it again.
    """

    def __init__(self, words: str, *, revoked: bool = False) -> None:
        super().__init__(words)
        self.revoked = revoked


@dataclass(frozen=True)
class OAuthProvider:
    """One provider: where it asks for consent, and what we ask for."""

    key: str
    name: str
    preset: str
    scope: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    account_url: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def ready(self) -> bool:
        """Whether the operator has registered this installation with the provider."""
        return bool(self.client_id)

    @property
    def wanted_settings(self) -> str:
        """The settings that make it ready."""
        return f"{self.key.upper()}_CLIENT_ID and {self.key.upper()}_CLIENT_SECRET"


@dataclass(frozen=True)
class Tokens:
    """What a provider granted. `accounts` are the signed-in account's addresses."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int
    accounts: tuple[str, ...] = ()


# Least scopes: sending and reading mail, and `openid email` to know whose it is.
_GOOGLE_SCOPE = "https://mail.google.com/ openid email"
_MICROSOFT_SCOPE = (
    "https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All"
    " offline_access openid email"
)


def oauth_providers() -> dict[str, OAuthProvider]:
    """Return the providers by key, as the settings say."""
    google, microsoft = settings.MAIL_OAUTH["google"], settings.MAIL_OAUTH["microsoft"]
    return {
        "google": OAuthProvider(
            "google",
            "Google",
            "gmail",
            _GOOGLE_SCOPE,
            account_url="https://myaccount.google.com/permissions",
            extra=(("access_type", "offline"), ("prompt", "consent")),
            **google,
        ),
        "microsoft": OAuthProvider(
            "microsoft",
            "Microsoft",
            "outlook",
            _MICROSOFT_SCOPE,
            account_url="https://account.live.com/consent/Manage",
            extra=(("prompt", "select_account"),),
            **microsoft,
        ),
    }


def authorization_url(
    provider: OAuthProvider, *, state: str, verifier: str, redirect_uri: str, hint: str = ""
) -> str:
    """Return where to send the person who is to give consent."""
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **dict(provider.extra),
    }
    if hint:
        query["login_hint"] = hint
    return f"{provider.authorize_url}?{urlencode(query)}"


def new_verifier() -> str:
    """Return a code verifier of 43 characters or more (RFC 7636 4.1)."""
    return secrets.token_urlsafe(64)


@sensitive_variables()
def exchange(provider: OAuthProvider, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
    """Trade the code for tokens; raises `OAuthError`."""
    fields = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    answer = _ask(provider, {"grant_type": "authorization_code", **fields})
    tokens = _tokens(provider, answer)
    if not tokens.refresh:
        raise OAuthError(
            f"{provider.name} gave access for an hour only. Remove Outreach Desk at"
            f" {provider.account_url} and connect again."
        )
    return tokens


@sensitive_variables()
def refresh(provider: OAuthProvider, token: str) -> Tokens:
    """Trade a refresh token for a new access token, and sometimes a new refresh token.

    Raises `OAuthError`.
    """
    fields = {"grant_type": "refresh_token", "refresh_token": token, "scope": provider.scope}
    return _tokens(provider, _ask(provider, fields))


@sensitive_variables()
def revoke(provider: OAuthProvider, token: str) -> bool:
    """Take the consent back at the provider; False where it offers no way or did not answer."""
    if not provider.revoke_url or not token:
        return False
    try:
        status, _ = _post(provider.revoke_url, {"token": token})
    except requests.RequestException:
        return False
    return status == _OK


@sensitive_variables()
def _ask(provider: OAuthProvider, fields: Mapping[str, str]) -> dict[str, Any]:
    if not provider.ready:
        raise OAuthError(
            f"{provider.name} is not set up here: the operator sets {provider.wanted_settings}."
        )
    who = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    later = f"{provider.name} did not answer when asked for access. It is tried again."
    try:
        status, text = _post(provider.token_url, {**who, **fields})
    except requests.RequestException as error:
        # Without its cause: a traceback with the request would show the token.
        raise OAuthError(f"{later} ({type(error).__name__})") from None
    if status >= _SERVER_ERROR or status == _TOO_MANY:
        raise OAuthError(f"{later} (HTTP {status})")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise OAuthError(f"{later} (no JSON)")
    if status != _OK:
        raise _refusal(provider, str(answer.get("error", "")), status)
    return answer


@sensitive_variables()
def _post(url: str, fields: Mapping[str, str]) -> tuple[int, bytes]:
    with requests.post(
        url,
        data=fields,
        headers={"Accept": "application/json"},
        timeout=settings.OAUTH_TIMEOUT,
        allow_redirects=False,
        stream=True,
    ) as response:
        return response.status_code, next(response.iter_content(_MOST), b"")


def _refusal(provider: OAuthProvider, error: str, status: int) -> OAuthError:
    if error == "invalid_grant":
        return OAuthError(
            f"{provider.name} no longer lets us use this mailbox: the consent was taken back, has"
            " expired, or the password was changed. Connect again.",
            revoked=True,
        )
    if error in {"invalid_client", "unauthorized_client"}:
        return OAuthError(
            f"{provider.name} does not know this installation: the operator has to check"
            f" {provider.wanted_settings}."
        )
    return OAuthError(f"{provider.name} refused access ({error[:60] or f'HTTP {status}'}).")


@sensitive_variables()
def _tokens(provider: OAuthProvider, answer: dict[str, Any]) -> Tokens:
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        raise OAuthError(f"{provider.name} answered without an access token. Try again.")
    seconds = str(answer.get("expires_in"))
    return Tokens(
        access=Secret(access),
        refresh=Secret(answer.get("refresh_token") or ""),
        seconds=int(seconds) if seconds.isdecimal() else 3600,
        accounts=_accounts(provider, str(answer.get("id_token") or "")),
    )


@sensitive_variables()
def _accounts(provider: OAuthProvider, id_token: str) -> tuple[str, ...]:
    """Return whose token it is.

    The ID token came straight from the provider over TLS, which stands in for checking its
    signature (OpenID Connect Core 3.1.3.7, 6).
    """
    try:
        body = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return ()
    if not isinstance(claims, dict) or claims.get("aud") != provider.client_id:
        return ()
    names = ["preferred_username", "upn"]
    if claims.get("email_verified") is not False:
        names.insert(0, "email")
    found = [str(claims.get(name) or "").strip().lower() for name in names]
    return tuple(dict.fromkeys(address for address in found if "@" in address))
