"""IMAP through the same door as SMTP: the host checked, the checked address connected to."""

from __future__ import annotations

import imaplib
from typing import TYPE_CHECKING

from django.views.decorators.debug import sensitive_variables
from imap_tools import BaseMailBox
from imap_tools.errors import MailboxLoginError

from mailer import bearer
from mailer.enums import ConnectionSecurity
from mailer.patient_imap import PATIENCE, connect_imap

if TYPE_CHECKING:
    from mailer.services.credentials import Credential

TIMEOUT = PATIENCE


class DoorMailBox(BaseMailBox):
    """imap_tools' mailbox over a guarded connection."""

    def __init__(self, *, host: str, port: int, security: str, timeout: float = TIMEOUT) -> None:
        self._where = (host, port, security, timeout)
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        host, port, security, timeout = self._where
        return connect_imap(
            host,
            port,
            tls=security == ConnectionSecurity.TLS,
            starttls=security == ConnectionSecurity.STARTTLS,
            patience=timeout,
        )

    @sensitive_variables()
    def enter(self, credential: Credential) -> DoorMailBox:
        """Log in without choosing a folder; raises `MailboxLoginError` when refused."""
        try:
            if credential.token:
                self._enter_with_token(credential)
            elif (credential.username + credential.password).isascii():
                self.login(credential.username, credential.password, initial_folder=None)
            else:
                self._enter_beyond_ascii(credential)
        except MailboxLoginError as error:
            # Anew: the frames that hold the password stay out of the traceback.
            raise MailboxLoginError(error.command_result, error.expected) from None
        return self

    def _enter_beyond_ascii(self, credential: Credential) -> None:
        """LOGIN cannot carry such letters; SASL PLAIN can (RFC 4616)."""
        try:
            self.login_utf8(credential.username, credential.password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from None

    def _enter_with_token(self, credential: Credential) -> None:
        host, port, _, _ = self._where
        offered = [one[5:] for one in self.client.capabilities if one.startswith("AUTH=")]
        mechanism = bearer.choose(offered) or bearer.MECHANISMS[0]
        first = bearer.first_response(
            mechanism,
            username=credential.username,
            token=credential.token,
            host=host,
            port=port,
        )
        answers = iter([first, bearer.AFTER_REASON[mechanism]])
        try:
            self.client.authenticate(mechanism, lambda _: next(answers, b""))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from None
