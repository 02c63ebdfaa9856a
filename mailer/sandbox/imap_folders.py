"""What the sandbox's IMAP server shows: folders and mails, read from its SQLite file.

Nothing is held in memory: every command reads the file, so a mail that another
process filed shows at the next command, and UIDs survive restarts.
"""

import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from django.utils import timezone
from pymap.backend.mailbox import MailboxDataInterface, MailboxSetInterface
from pymap.concurrent import Event
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.listtree import ListTree
from pymap.mailbox import MailboxSnapshot
from pymap.message import BaseLoadedMessage, BaseMessage
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId, SequenceSet
from pymap.parsing.specials.flag import Flag, Seen
from pymap.selected import SelectedMailbox, SelectedSet

from mailer.sandbox import database

_ITEMS = "SELECT uid, at, flags, message_id, recent, expunged, body FROM item WHERE folder = ?"


class Loaded(BaseLoadedMessage):
    """A mail whose bytes are parsed only when a command needs them."""

    def __init__(self, mail: "Mail", requirement: FetchRequirement) -> None:
        super().__init__(mail, requirement, None)
        self.mail = mail

    @property
    def content(self) -> MessageContent:
        if self._content is None:
            self._content = MessageContent.parse(self.mail.read())
        return self._content

    def get_header(self, name: bytes) -> Sequence[str]:
        """Answer a search by Message-ID without opening the mail."""
        if name.lower() == b"message-id":
            return [self.mail.message_id]
        return super().get_header(name)


class Mail(BaseMessage):
    """One mail in a folder."""

    __slots__ = ("body", "connection", "message_id", "recent")

    def __init__(self, connection: sqlite3.Connection, row: sqlite3.Row) -> None:
        super().__init__(
            row["uid"],
            dt.datetime.fromtimestamp(row["at"], dt.UTC),
            {Flag(flag.encode()) for flag in row["flags"].split()},
            expunged=bool(row["expunged"]),
        )
        self.connection, self.body = connection, row["body"]
        self.message_id, self.recent = row["message_id"], bool(row["recent"])

    def read(self) -> bytes:
        """Return the mail's bytes."""
        row = self.connection.execute("SELECT raw FROM body WHERE id = ?", (self.body,)).fetchone()
        return bytes(row["raw"])

    async def load_content(self, requirement: FetchRequirement) -> Loaded:
        return Loaded(self, requirement)


class Folder(MailboxDataInterface[Mail]):
    """One folder of one mailbox."""

    def __init__(self, connection: sqlite3.Connection, row: sqlite3.Row) -> None:
        self.connection, self.id, self.owner, self.name = (
            connection,
            row["id"],
            row["owner"],
            row["name"],
        )
        self._uid_validity = row["uidvalidity"]
        self._selected_set = SelectedSet()

    @property
    def mailbox_id(self) -> ObjectId:
        return ObjectId(f"F{self.id}".encode())

    @property
    def readonly(self) -> bool:
        return False

    @property
    def uid_validity(self) -> int:
        return int(self._uid_validity)

    @property
    def selected_set(self) -> SelectedSet:
        return self._selected_set

    async def update_selected(
        self,
        selected: SelectedMailbox,
        *,
        wait_on: Event | None = None,  # IDLE is not offered
    ) -> SelectedMailbox:
        since = selected.mod_sequence
        row = self._row()
        selected.mod_sequence = row["modseq"]
        if since is None:
            selected.add_updates(self._mails("AND expunged = 0"), [])
        elif row["modseq"] > since:
            changed = self._mails("AND modseq > ?", since)
            selected.add_updates(
                [mail for mail in changed if not mail.expunged],
                [mail.uid for mail in changed if mail.expunged],
            )
        return selected

    async def append(
        self, append_msg: AppendMessage, *, recent: bool = False
    ) -> Mail:  # kept in the table
        raw = bytes(append_msg.literal)
        at = append_msg.when or timezone.now()
        message_id = MessageContent.parse(raw).header.parsed.message_id
        with database.transaction(self.connection):
            uid = database.add_item(
                self.connection,
                owner=self.owner,
                folder=self.name,
                body=database.add_body(self.connection, raw),
                message_id=str(message_id or "").strip(),
                at=at.timestamp(),
                flags=_flag_words(append_msg.flag_set),
            )
        return self._mails("AND uid = ?", uid)[0]

    async def copy(
        self, uid: int, destination: "Folder", *, recent: bool = False
    ) -> int | None:  # kept in the table
        found = self._mails("AND uid = ? AND expunged = 0", uid)
        if not found:
            return None
        with database.transaction(self.connection):
            return database.add_item(
                self.connection,
                owner=destination.owner,
                folder=destination.name,
                body=found[0].body,
                message_id=found[0].message_id,
                at=found[0].internal_date.timestamp(),
                flags=_flag_words(found[0].permanent_flags),
            )

    async def move(self, uid: int, destination: "Folder", *, recent: bool = False) -> int | None:
        moved = await self.copy(uid, destination, recent=recent)
        if moved is not None:
            await self.delete([uid])
        return moved

    async def get(self, uid: int, cached_msg: CachedMessage) -> Mail:  # the table knows
        found = self._mails("AND uid = ?", uid)
        if not found:
            raise IndexError(uid)
        return found[0]

    async def find(
        self, seq_set: SequenceSet, selected: SelectedMailbox
    ) -> AsyncIterator[tuple[int, Mail]]:
        """Yield the mails of a sequence set, newly filed ones included, in one query."""
        await self.update_selected(selected)
        wanted = {cached.uid: seq for seq, cached in selected.messages.get_all(seq_set)}
        if wanted:
            for mail in self._mails("AND uid BETWEEN ? AND ?", min(wanted), max(wanted)):
                if mail.uid in wanted:
                    yield wanted[mail.uid], mail

    async def update(
        self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp
    ) -> Mail:
        mail = await self.get(uid, cached_msg)
        mail.permanent_flags = mode.apply(mail.permanent_flags, flag_set)
        with database.transaction(self.connection):
            self._touch("flags = ?", [uid], _flag_words(mail.permanent_flags))
        return mail

    async def delete(self, uids: Iterable[int]) -> None:
        with database.transaction(self.connection):
            self._touch("expunged = 1", list(uids))

    async def claim_recent(self, selected: SelectedMailbox) -> None:
        recent = [mail.uid for mail in self._mails("AND recent = 1 AND expunged = 0")]
        for uid in recent:
            selected.session_flags.add_recent(uid)
        if recent:
            with database.transaction(self.connection):
                self._touch("recent = 0", recent)

    async def cleanup(self) -> None:
        """Nothing to tidy."""

    async def snapshot(self) -> MailboxSnapshot:
        mails = self._mails("AND expunged = 0")
        unseen = [n for n, mail in enumerate(mails, 1) if Seen not in mail.permanent_flags]
        return MailboxSnapshot(
            self.mailbox_id,
            self.readonly,
            self.uid_validity,
            self.permanent_flags,
            self.session_flags,
            len(mails),
            sum(mail.recent for mail in mails),
            len(unseen),
            unseen[0] if unseen else None,
            self._row()["last_uid"] + 1,
        )

    def _row(self) -> Any:
        return self.connection.execute("SELECT * FROM folder WHERE id = ?", (self.id,)).fetchone()

    def _mails(self, where: str, *values: int) -> list[Mail]:
        rows = self.connection.execute(f"{_ITEMS} {where} ORDER BY uid", (self.id, *values))
        return [Mail(self.connection, row) for row in rows]

    def _touch(self, change: str, uids: list[int], *values: str) -> None:
        modseq = self.connection.execute(
            "UPDATE folder SET modseq = modseq + 1 WHERE id = ? RETURNING modseq", (self.id,)
        ).fetchone()["modseq"]
        self.connection.executemany(
            f"UPDATE item SET {change}, modseq = ? WHERE folder = ? AND uid = ?",  # noqa: S608  # built from constants
            [(*values, modseq, self.id, uid) for uid in uids],
        )


class Folders(MailboxSetInterface[Folder]):
    """The folders of one mailbox."""

    def __init__(self, connection: sqlite3.Connection, owner: str) -> None:
        self.connection, self.owner = connection, owner
        self._open: dict[str, Folder] = {}

    @property
    def delimiter(self) -> str:
        return "/"

    async def set_subscribed(self, name: str, subscribed: bool) -> None:  # noqa: FBT001  # pymap's signature
        self._change("subscribed = ?", int(subscribed), name)

    async def list_subscribed(self) -> ListTree:
        return self._tree("AND subscribed = 1")

    async def list_mailboxes(self) -> ListTree:
        return self._tree("")

    async def get_mailbox(self, name: str) -> Folder:
        name = "INBOX" if name.upper() == "INBOX" else name
        row = self.connection.execute(
            "SELECT * FROM folder WHERE owner = ? AND name = ?", (self.owner, name)
        ).fetchone()
        if row is None:
            raise KeyError(name)
        kept = self._open.get(name)
        if kept is None or kept.id != row["id"] or kept.uid_validity != row["uidvalidity"]:
            kept = self._open[name] = Folder(self.connection, row)
        return kept

    async def add_mailbox(self, name: str) -> ObjectId:
        with database.transaction(self.connection):
            if not database.add_folder(self.connection, self.owner, name):
                raise ValueError(name)
        return (await self.get_mailbox(name)).mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        folder = await self.get_mailbox(name)
        self.connection.execute("DELETE FROM folder WHERE id = ?", (folder.id,))

    async def rename_mailbox(self, before: str, after: str) -> None:
        await self.get_mailbox(before)
        if after in self._names(""):
            raise ValueError(after)
        self._change("name = ?", after, before)

    def _change(self, change: str, value: object, name: str) -> None:
        self.connection.execute(
            f"UPDATE folder SET {change} WHERE owner = ? AND name = ?",  # noqa: S608  # built from constants
            (value, self.owner, name),
        )

    def _names(self, where: str) -> list[str]:
        rows = self.connection.execute(
            f"SELECT name FROM folder WHERE owner = ? {where} ORDER BY name",  # noqa: S608  # built from constants
            (self.owner,),
        )
        return [row["name"] for row in rows]

    def _tree(self, where: str) -> ListTree:
        return ListTree(self.delimiter).update("INBOX", *self._names(where))


def _flag_words(flags: Iterable[Flag]) -> str:
    return " ".join(sorted(bytes(flag).decode("ascii", "replace") for flag in flags))
