"""Looks into a mailbox's Sent folder for messages by their Message-ID."""

from __future__ import annotations

import imaplib
from contextlib import suppress
from typing import TYPE_CHECKING

from imap_tools import AND, H
from imap_tools.errors import ImapToolsError, MailboxLoginError

from mailer.doors import HostError
from mailer.doors_imap import TIMEOUT, DoorMailBox
from mailer.services.credentials import Credential, CredentialError, imap_credential

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imap_tools import BaseMailBox

    from mailer.models import Mailbox

_NAMES = ("Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "[Gmail]/Sent Mail")
ERRORS = (
    imaplib.IMAP4.error,
    ImapToolsError,
    HostError,
    CredentialError,
    OSError,
    ValueError,
)


class SentFolderError(Exception):
    """The Sent folder cannot be looked into; the message says why."""


def find_sent(mailbox: Mailbox, message_ids: Iterable[str]) -> set[str]:
    """Return those of `message_ids` that lie in the Sent folder.

    Raises `SentFolderError`; that an id is not found proves nothing.
    """
    try:
        box = open_box(mailbox)
    except ERRORS as error:
        raise SentFolderError(str(error)) from error
    try:
        folder = mailbox.imap_sent_folder or sent_folder(box)
        if not folder:
            raise SentFolderError("The mailbox has no folder of sent mail.")
        box.folder.set(folder, readonly=True)
        return {one for one in message_ids if box.uids(AND(header=[H("Message-ID", one)]))}
    except ERRORS as error:
        raise SentFolderError(str(error)) from error
    finally:
        close_box(box)


def open_box(mailbox: Mailbox, *, timeout: float = TIMEOUT) -> BaseMailBox:
    """Connect and log in, without choosing a folder.

    A token the server turns down though it looked fresh is renewed once.
    """
    credential = imap_credential(mailbox)
    try:
        return _entered(mailbox, credential, timeout)
    except MailboxLoginError:
        if not credential.token:
            raise
    return _entered(mailbox, imap_credential(mailbox, refused=credential.token), timeout)


def _entered(mailbox: Mailbox, credential: Credential, timeout: float) -> BaseMailBox:
    box = DoorMailBox(
        host=mailbox.imap_host,
        port=mailbox.imap_port,
        security=mailbox.imap_security,
        timeout=timeout,
    )
    try:
        return box.enter(credential)
    except BaseException:
        close_box(box)
        raise


def close_box(box: BaseMailBox) -> None:
    """Log out and close the connection, however broken it is."""
    with suppress(*ERRORS):
        box.client.logout()
    with suppress(*ERRORS):
        box.client.shutdown()


def sent_folder(box: BaseMailBox) -> str:
    r"""Return the folder marked \Sent (RFC 6154), or one with a usual name, or ""."""
    folders = box.folder.list()
    marked = [found.name for found in folders if "\\Sent" in found.flags]
    names = {found.name for found in folders}
    return next(iter([*marked, *[name for name in _NAMES if name in names]]), "")
