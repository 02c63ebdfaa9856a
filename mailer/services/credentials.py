"""What a mailbox logs in with: a password, or a token of its provider, fresh enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.views.decorators.debug import sensitive_variables

from foundation.secrets import LostSecret
from mailer.enums import MailboxAuth
from mailer.oauth import OAuthError
from mailer.services.grants import access_token

if TYPE_CHECKING:
    from mailer.models import Mailbox

_LOST = (
    "The stored password cannot be read: its encryption key is missing. Type it again, or have"
    " the operator put the key back."
)


class CredentialError(Exception):
    """There is nothing to log in with; the message is for people.

    `final` says that only a person can help: trying again does not.
    """

    def __init__(self, words: str, *, final: bool) -> None:
        super().__init__(words)
        self.final = final


@dataclass(frozen=True)
class Credential:
    """A user name with a password, or with a bearer token."""

    username: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@sensitive_variables()
def smtp_credential(mailbox: Mailbox, *, refused: str = "") -> Credential:
    """Return what sends; raises `CredentialError`. `refused`: a token not to give again."""
    if mailbox.auth == MailboxAuth.OAUTH2:
        return _token(mailbox, refused)
    return _password(mailbox.smtp_username, mailbox.smtp_password)


@sensitive_variables()
def imap_credential(mailbox: Mailbox, *, refused: str = "") -> Credential:
    """Return what reads; raises `CredentialError`. `refused`: a token not to give again."""
    if mailbox.auth == MailboxAuth.OAUTH2:
        return _token(mailbox, refused)
    username = mailbox.imap_username or mailbox.smtp_username
    own = mailbox.imap_password
    lost = isinstance(own, LostSecret)
    return _password(username, own if own or lost else mailbox.smtp_password)


@sensitive_variables()
def _password(username: str, password: str) -> Credential:
    if isinstance(password, LostSecret):
        raise CredentialError(_LOST, final=True)
    return Credential(username, password)


@sensitive_variables()
def _token(mailbox: Mailbox, refused: str) -> Credential:
    try:
        token = access_token(mailbox, refused=refused)
    except OAuthError as error:
        raise CredentialError(str(error), final=error.revoked) from None
    return Credential(mailbox.smtp_username or mailbox.address, token=token)
