"""The sandbox's own SQLite file: mails received, and the folders IMAP shows."""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS body (id INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mail (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, login TEXT NOT NULL, sender TEXT NOT NULL,
  recipient TEXT NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL,
  body INTEGER NOT NULL REFERENCES body);
CREATE INDEX IF NOT EXISTS mail_recipient ON mail (recipient, id);
CREATE INDEX IF NOT EXISTS mail_login ON mail (login, id);
CREATE TABLE IF NOT EXISTS folder (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL, last_uid INTEGER NOT NULL DEFAULT 0,
  modseq INTEGER NOT NULL DEFAULT 0, subscribed INTEGER NOT NULL DEFAULT 1,
  UNIQUE (owner, name));
CREATE TABLE IF NOT EXISTS item (
  folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE, uid INTEGER NOT NULL,
  modseq INTEGER NOT NULL, at REAL NOT NULL, flags TEXT NOT NULL, message_id TEXT NOT NULL,
  expunged INTEGER NOT NULL DEFAULT 0, recent INTEGER NOT NULL DEFAULT 1,
  body INTEGER NOT NULL REFERENCES body, PRIMARY KEY (folder, uid));
CREATE INDEX IF NOT EXISTS item_modseq ON item (folder, modseq);
"""
FOLDERS = ("INBOX", "Sent", "Drafts", "Trash")


def path() -> Path:
    """Return where the sandbox keeps its mails."""
    folder = Path(settings.SANDBOX_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "mail.sqlite3"


def connect(*, any_thread: bool = False) -> sqlite3.Connection:
    """Return a connection; the tables exist."""
    connection = sqlite3.connect(
        path(), timeout=30, isolation_level=None, check_same_thread=not any_thread
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'item'").fetchone():
        connection.executescript(_SCHEMA)
    return connection


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """Open the file for one piece of work."""
    connection = connect()
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of it or nothing; takes the write lock at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def ensure_mailbox(connection: sqlite3.Connection, owner: str) -> None:
    """Give `owner` the folders every mailbox has."""
    if not is_mailbox(connection, owner):
        for name in FOLDERS:
            add_folder(connection, owner, name)


def is_mailbox(connection: sqlite3.Connection, owner: str) -> bool:
    """Return whether someone has ever logged in as `owner`."""
    query = "SELECT 1 FROM folder WHERE owner = ? AND name = 'INBOX'"
    return connection.execute(query, (owner,)).fetchone() is not None


def add_folder(connection: sqlite3.Connection, owner: str, name: str) -> bool:
    """Add a folder with a UIDVALIDITY of its own; return whether it was new."""
    uidvalidity = (int(time.time()) & 0x3FFFFF) << 9 | secrets.randbelow(512) | 1
    added = connection.execute(
        "INSERT OR IGNORE INTO folder (owner, name, uidvalidity) VALUES (?, ?, ?)",
        (owner, name, uidvalidity),
    )
    return added.rowcount == 1


def add_body(connection: sqlite3.Connection, raw: bytes) -> int:
    """Keep the bytes of a mail once, however many places show it."""
    return _row_id(connection.execute("INSERT INTO body (raw) VALUES (?)", (raw,)))


def add_item(
    connection: sqlite3.Connection,
    *,
    owner: str,
    folder: str,
    body: int,
    message_id: str,
    at: float,
    flags: str = "",
) -> int:
    """File a mail in a folder under the next UID, which it returns."""
    found = connection.execute(
        "UPDATE folder SET last_uid = last_uid + 1, modseq = modseq + 1"
        " WHERE owner = ? AND name = ? RETURNING id, last_uid, modseq",
        (owner, folder),
    ).fetchone()
    connection.execute(
        "INSERT INTO item (folder, uid, modseq, at, flags, message_id, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (found["id"], found["last_uid"], found["modseq"], at, flags, message_id, body),
    )
    return int(found["last_uid"])


def add_mail(
    connection: sqlite3.Connection,
    *,
    login: str,
    sender: str,
    recipient: str,
    message_id: str,
    subject: str,
    body: int,
    at: float,
) -> int:
    """Record that `recipient` received a mail."""
    return _row_id(
        connection.execute(
            "INSERT INTO mail (at, login, sender, recipient, message_id, subject, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (at, login, sender, recipient, message_id, subject, body),
        )
    )


def _row_id(cursor: sqlite3.Cursor) -> int:
    return int(cursor.lastrowid or 0)
