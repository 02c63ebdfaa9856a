"""Reading a folder over IMAP (RFC 3501) by UID, without marking anything seen."""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imap_tools import AND
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError

from mailer.doors import HostError
from mailer.reading.mime import MAX_BYTES
from mailer.sent_folder import ERRORS, close_box, open_box
from mailer.services.credentials import CredentialError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from imap_tools import BaseMailBox

    from mailer.models import Mailbox

_UID = re.compile(rb"\bUID (\d+)")


class ReadError(Exception):
    """A mailbox could not be read; the message is for people."""

    def __init__(self, words: str, *, refused: bool = False) -> None:
        super().__init__(words)
        self.refused = refused


@dataclass(frozen=True)
class RawMail:
    """One mail as it lies in the folder, at most `MAX_BYTES` of it."""

    uid: int
    raw: bytes


class OpenFolder:
    """A folder opened for reading only."""

    def __init__(self, box: BaseMailBox, name: str) -> None:
        self.box = box
        self.name = name
        box.folder.set(name, readonly=True)
        self.uidvalidity = int(box.folder.status(name, ["UIDVALIDITY"])["UIDVALIDITY"])

    def uids_after(self, uid: int) -> list[int]:
        """Return the UIDs above one, in order."""
        # "n:*" always includes the last mail, even when its UID is below n.
        found = self.box.uids(f"UID {uid + 1}:*")
        return sorted(number for number in map(int, found) if number > uid)

    def uids_since(self, day: dt.date) -> list[int]:
        """Return the UIDs of what arrived on that day or later, in order."""
        return sorted(map(int, self.box.uids(AND(date_gte=day))))

    def fetch(self, uids: Sequence[int]) -> list[RawMail]:
        """Return the mails that are still there, in order of their UIDs."""
        wanted = ",".join(map(str, uids))
        answer, data = self.box.client.uid("FETCH", wanted, f"(UID BODY.PEEK[]<0.{MAX_BYTES}>)")
        if answer != "OK":
            raise ReadError(f"The server did not hand over its mail ({answer}).")
        mails = {mail.uid: mail for mail in _mails(data)}
        return [mails[uid] for uid in sorted(mails) if uid in set(uids)]


def _mails(data: Sequence[Any]) -> Iterator[RawMail]:
    """Pair each literal with its UID, which a server may name before or after it."""
    for index, part in enumerate(data):
        if not isinstance(part, tuple):
            continue
        after = data[index + 1] if index + 1 < len(data) else b""
        found = _UID.search(part[0]) or (isinstance(after, bytes) and _UID.search(after))
        if found:
            yield RawMail(int(found.group(1)), bytes(part[1]))


@contextmanager
def open_folder(mailbox: Mailbox) -> Iterator[OpenFolder]:
    """Log in and open the mailbox's folder; raises `ReadError` in plain words."""
    box = None
    try:
        box = open_box(mailbox)
        yield OpenFolder(box, mailbox.imap_folder or "INBOX")
    except ERRORS as error:
        raise in_words(error, mailbox) from error
    finally:
        if box is not None:
            close_box(box)


def in_words(error: Exception, mailbox: Mailbox) -> ReadError:
    """Say what went wrong so that whoever set up the mailbox knows what to do."""
    if isinstance(error, CredentialError):
        return ReadError(str(error), refused=error.final)
    where = f"{mailbox.imap_host}:{mailbox.imap_port}"
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            text = words.format(where=where, folder=mailbox.imap_folder, error=error)
            return ReadError(text, refused=kind is MailboxLoginError)
    return ReadError(f"Reading the mailbox failed: {error}"[:400])


# The first that fits speaks.
_WORDS: dict[type[Exception], str] = {
    HostError: "{error}",
    MailboxLoginError: (
        "The server refused the user name or password for reading (IMAP)."
        " Check both; many providers want an app password."
    ),
    MailboxFolderSelectError: (
        "The mailbox has no folder “{folder}”. Choose another one in its settings."
    ),
    imaplib.IMAP4.abort: "The server at {where} closed the connection. It is tried again.",
    ssl.SSLError: (
        "The secure connection to {where} failed: {error}. Check the port and the protection."
    ),
    TimeoutError: "The server at {where} did not answer in time. It is tried again.",
    ConnectionRefusedError: "Nothing answers at {where}. Check the host and the port.",
    ConnectionError: "The connection to {where} broke. It is tried again.",
    OSError: "The server at {where} cannot be reached: {error}.",
}
