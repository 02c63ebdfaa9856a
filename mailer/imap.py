"""Reading a folder over IMAP (RFC 3501) by UID, without marking anything seen."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
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
# A body that is no literal: NIL, or short enough for one line (RFC 3501 4.3).
_INLINE = re.compile(rb'BODY\[\](?:<\d+>)? (?:NIL|"((?:[^"\\\r\n]|\\.)*)")', re.IGNORECASE)
_ESCAPED = re.compile(rb"\\(.)")
# Refusals of a login that say nothing about the password (RFC 5530, and usual words).
_JUST_NOW = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN|OVERQUOTA)\]|too many|temporar|try again",
    re.IGNORECASE,
)
_NO_FOLDER = re.compile(
    r"NONEXISTENT|TRYCREATE|not exist|n't exist|no such|not found|unknown (?:mailbox|folder)",
    re.IGNORECASE,
)


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


@dataclass(frozen=True)
class Fetched:
    """What a server handed over, and which mails it has but did not hand over."""

    mails: list[RawMail]
    withheld: list[int] = field(default_factory=list)


class OpenFolder:
    """A folder opened for reading only."""

    def __init__(self, box: BaseMailBox, name: str) -> None:
        self.box = box
        self.name = name
        box.folder.set(name, readonly=True)
        self.uidnext = self._told("UIDNEXT")
        self.uidvalidity = self._told("UIDVALIDITY") or self._asked("UIDVALIDITY")

    def _told(self, what: str) -> int:
        """Return a number the server named when it opened the folder; 0 when it did not."""
        found = self.box.client.response(what)[1][-1]
        return int(found) if found else 0

    def _asked(self, what: str) -> int:
        return int(self.box.folder.status(self.name, [what])[what])

    def uids_after(self, uid: int) -> list[int]:
        """Return the UIDs above one, in order."""
        # "n:*" always includes the last mail, even when its UID is below n.
        return [number for number in self._search(f"UID {uid + 1}:*") if number > uid]

    def uids_since(self, day: dt.date) -> list[int]:
        """Return the UIDs of what arrived on that day or later, in order."""
        return self._search(str(AND(date_gte=day)))

    def _search(self, criteria: str) -> list[int]:
        # Without a charset: some servers refuse every one they are told.
        return sorted({int(uid) for uid in self.box.uids(criteria, charset=None)})

    def fetch(self, uids: Sequence[int]) -> Fetched:
        """Return the mails that are still there, in order of their UIDs."""
        wanted = ",".join(map(str, uids))
        answer, data = self.box.client.uid("FETCH", wanted, f"(UID BODY.PEEK[]<0.{MAX_BYTES}>)")
        if answer != "OK":
            said = b" ".join(part for part in data if isinstance(part, bytes)).decode("latin-1")
            raise ReadError(f"The server did not hand over its mail: {answer} {said[:200]}".strip())
        mails = {mail.uid: mail for mail in _mails(data) if mail.uid in set(uids)}
        found = [mails[uid] for uid in sorted(mails)]
        missing = [uid for uid in uids if uid not in mails]
        if not missing:
            return Fetched(found)
        # Deleted meanwhile, or not handed over.
        there = set(self._search(f"UID {','.join(map(str, missing))}"))
        return Fetched(found, [uid for uid in missing if uid in there])


def _mails(data: Sequence[Any]) -> Iterator[RawMail]:
    """Pair each body with its UID, which a server may name before or after it.

    imaplib hands over a literal as a pair of the line before it and its bytes; whatever
    else the server says in between are lines.
    """
    for index, part in enumerate(data):
        if isinstance(part, tuple):
            after = data[index + 1] if index + 1 < len(data) else b""
            found = _UID.search(part[0]) or (isinstance(after, bytes) and _UID.search(after))
            if found and b"BODY[" in part[0].upper():
                yield RawMail(int(found.group(1)), bytes(part[1]))
        elif isinstance(part, bytes):
            yield from _inline(part)


def _inline(line: bytes) -> Iterator[RawMail]:
    body, uid = _INLINE.search(line), _UID.search(line)
    if body and uid and body.group(1) is not None:
        yield RawMail(int(uid.group(1)), _ESCAPED.sub(rb"\1", body.group(1)))


@contextmanager
def open_folder(mailbox: Mailbox, *, seconds: float | None = None) -> Iterator[OpenFolder]:
    """Log in and open the mailbox's folder; raises `ReadError` in plain words.

    `seconds` bounds all waiting for the server together.
    """
    box = None
    try:
        box = open_box(mailbox, timeout=min(settings.IMAP_TIMEOUT, seconds or 3600))
        if seconds is not None:
            box.client.ends_at = time.monotonic() + seconds  # type: ignore[attr-defined]  # ours
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
    if passing := _passing(error, where, mailbox.imap_folder):
        return ReadError(passing)
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            text = words.format(where=where, folder=mailbox.imap_folder, error=error)
            return ReadError(text, refused=kind is MailboxLoginError)
    return ReadError(f"Reading the mailbox failed: {error}"[:400])


def _passing(error: Exception, where: str, folder: str) -> str:
    """Return the words for a refusal that says nothing about the settings, or ""."""
    said = _said(error)
    if isinstance(error, MailboxLoginError) and _JUST_NOW.search(said):
        return f"The server at {where} does not let us in just now: {said}"
    if isinstance(error, MailboxFolderSelectError) and not _NO_FOLDER.search(said):
        return f"The folder “{folder}” could not be opened: {said}"
    return ""


def _said(error: Exception) -> str:
    """Return the server's own words."""
    lines: Sequence[object] = getattr(error, "command_result", ("", []))[1]
    words = b" ".join(line for line in lines if isinstance(line, bytes))
    return words.decode("utf-8", "replace")[:200]


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
