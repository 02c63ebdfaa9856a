"""What prospects received in the sandbox, and answering as one of them.

Everything here reads and writes the sandbox's own file, never our tables.
"""

import datetime as dt
import sqlite3
import time
from collections.abc import Collection
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from mailer.sandbox import database
from mailer.sandbox.delivery_reports import delivery_report
from mailer.sandbox.prospects import Preset, answer

__all__ = ["Preset", "Received", "count", "deliver", "get", "received", "reply_as_prospect"]

_COLUMNS = "id, at, login, sender, recipient, message_id, subject"
_REPORTS = {
    Preset.BOUNCE: ("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"),
    Preset.MAILBOX_FULL: ("4.2.2", "452 4.2.2 The recipient's mailbox is over quota"),
}


@dataclass(frozen=True)
class Received:
    """One mail one recipient received; `login` is the mailbox that sent it ("" = the platform)."""

    id: int
    at: dt.datetime
    login: str
    sender: str
    recipient: str
    message_id: str
    subject: str
    raw: bytes = b""


def received(
    *,
    recipient: str = "",
    logins: Collection[str] | None = None,
    after_id: int = 0,
    before_id: int = 0,
    limit: int = 1_000_000,
    newest_first: bool = False,
) -> list[Received]:
    """Return mails received, without their bytes.

    Args:
        recipient: only to addresses that contain this.
        logins: only sent by these mailboxes; `[""]` is the platform's own mail.
        after_id: only later ones.
        before_id: only earlier ones.
        limit: at most so many.
        newest_first: the order.
    """
    where, values = _where(recipient, logins, after_id, before_id)
    order = "DESC" if newest_first else "ASC"
    with database.opened() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM mail WHERE {where} ORDER BY id {order} LIMIT ?",  # noqa: S608  # built from constants
            [*values, limit],
        ).fetchall()
    return [_received(row) for row in rows]


def count(*, recipient: str = "", logins: Collection[str] | None = None, after_id: int = 0) -> int:
    """Return how many mails were received."""
    where, values = _where(recipient, logins, after_id, 0)
    with database.opened() as connection:
        row = connection.execute(
            f"SELECT COUNT(*) AS n FROM mail WHERE {where}",  # noqa: S608  # built from constants
            values,
        ).fetchone()
    return int(row["n"])


def get(mail_id: int) -> Received | None:
    """Return one mail with its bytes."""
    with database.opened() as connection:
        row = connection.execute(
            "SELECT mail.*, body.raw FROM mail JOIN body ON body.id = mail.body WHERE mail.id = ?",
            (mail_id,),
        ).fetchone()
    return _received(row, raw=row["raw"]) if row else None


def reply_as_prospect(
    mail_id: int,
    preset: str,
    text: str = "",
    return_date: dt.date | None = None,
) -> str:
    """Answer a received mail as its recipient would; return the new mail's Message-ID.

    Args:
        mail_id: the mail answered.
        preset: a `Preset`; bounces come from the recipient's server instead.
        text: the words, where the preset's own will not do (needed for free text).
        return_date: the day an out-of-office names.

    Raises `LookupError` when there is no such mail.
    """
    mail = get(mail_id)
    if mail is None:
        raise LookupError(mail_id)
    original = parse(mail.raw)
    kind = Preset(preset)
    if kind in _REPORTS:
        status, diagnostic = _REPORTS[kind]
        raw = delivery_report(original, mail.recipient, status=status, diagnostic=diagnostic)
    else:
        raw = answer(
            original,
            mail.recipient,
            preset=kind,
            text=text,
            return_date=return_date,
            style=mail.id,
        )
    return deliver(raw, mail.login or _reply_address(original))


def deliver(raw: bytes, owner: str) -> str:
    """Put a mail into a mailbox's INBOX; return its Message-ID."""
    with database.opened() as connection:
        return file_incoming(connection, raw, owner)


def file_incoming(connection: sqlite3.Connection, raw: bytes, owner: str) -> str:
    """Put a mail into a mailbox's INBOX over an open connection; return its Message-ID."""
    message_id = str(parse(raw).get("Message-ID", "")).strip()
    with database.transaction(connection):
        database.ensure_mailbox(connection, owner)
        body = database.add_body(connection, raw)
        database.add_item(
            connection,
            owner=owner,
            folder="INBOX",
            body=body,
            message_id=message_id,
            at=time.time(),
        )
    return message_id


def parse(raw: bytes) -> EmailMessage:
    """Return the mail's headers and parts."""
    return message_from_bytes(raw, policy=policy.default)


def _reply_address(original: EmailMessage) -> str:
    return parseaddr(str(original.get("Reply-To") or original.get("From", "")))[1].lower()


def _where(
    recipient: str, logins: Collection[str] | None, after_id: int, before_id: int
) -> tuple[str, list[object]]:
    clauses, values = ["id > ?"], list[object]([after_id])
    if before_id:
        clauses.append("id < ?")
        values.append(before_id)
    if recipient:
        clauses.append("instr(recipient, ?) > 0")
        values.append(recipient.strip().lower())
    if logins is not None:
        clauses.append(f"login IN ({','.join('?' * len(logins))})")
        values.extend(logins)
    return " AND ".join(clauses), values


def _received(row: sqlite3.Row, raw: bytes = b"") -> Received:
    return Received(
        id=row["id"],
        at=dt.datetime.fromtimestamp(row["at"], dt.UTC),
        login=row["login"],
        sender=row["sender"],
        recipient=row["recipient"],
        message_id=row["message_id"],
        subject=row["subject"],
        raw=raw,
    )
