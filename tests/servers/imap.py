"""pymap's own in-memory IMAP server in a thread: another hand than the sandbox's."""

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from tests.servers.sandbox import cancel_others

USER = "ann@agency.example"
PASSWORD = "secret"


class _CutWriter:
    """A connection that breaks once the server has said a number of bytes."""

    def __init__(self, writer: asyncio.StreamWriter, server: "ImapServer") -> None:
        self._writer, self._server = writer, server

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def write(self, data: bytes) -> None:
        server = self._server
        if server.cut_after is None:
            self._writer.write(data)
            return
        self._writer.write(data[: server.cut_after])
        server.cut_after -= len(data)
        if server.cut_after <= 0:
            server.cut_after = None
            self._writer.close()


class ImapServer:
    """A real IMAP server whose mailbox a test may change under the reader's feet."""

    def __init__(self, loop: asyncio.AbstractEventLoop, config: Config, port: int) -> None:
        self._loop, self._config, self.port = loop, config, port
        self.cut_after: int | None = None

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> list[int]:
        """File mails and return their UIDs."""
        return [self._run(partial(self._append, mail, folder)) for mail in mails]

    def renumber(self) -> None:
        """Give the INBOX a new UIDVALIDITY and new UIDs, as a restored backup has."""

        async def change() -> None:
            box = await self._box("INBOX")
            box._uid_validity += 1
            old = list(box._messages.values())
            await box.delete([message.uid for message in old])
            box._max_uid = 7
            for message in old:
                raw = bytes(message._content)
                await box.append(AppendMessage(raw, message.internal_date, frozenset()))

        self._run(change)

    def remove(self, *uids: int) -> None:
        """Expunge mails, leaving a gap."""

        async def change() -> None:
            await (await self._box("INBOX")).delete(uids)

        self._run(change)

    def flags(self) -> list[frozenset[Flag]]:
        """Return the flags of each mail of the INBOX."""

        async def found() -> list[frozenset[Flag]]:
            return [m.permanent_flags async for m in (await self._box("INBOX")).messages()]

        return self._run(found)

    async def _append(self, mail: bytes, folder: str) -> int:
        box = await self._box(folder)
        return (await box.append(AppendMessage(mail, None, frozenset()))).uid

    async def _box(self, folder: str) -> Any:
        boxes, _ = self._config.set_cache[USER]
        if folder != "INBOX" and folder not in boxes._set:
            await boxes.add_mailbox(folder)
        return await boxes.get_mailbox(folder)

    def _run(self, work: Callable[[], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)


def _config() -> Config:
    return Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host="127.0.0.1",
        port=0,
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
        tls_enabled=False,
        ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        hash_context=Cleartext(),
        invalid_user_sleep=0,
    )


async def _login(config: Config) -> Login:
    login = Login(config)
    await login.demo_user_identity.set(UserMetadata(config, USER, password=PASSWORD))
    async with login.demo_user_identity.new_session():
        return login


@contextmanager
def imap_running() -> Iterator[ImapServer]:
    """Run a server with one empty mailbox, `USER` with `PASSWORD`."""
    loop = asyncio.new_event_loop()
    up, down = threading.Event(), asyncio.Event()
    made: list[ImapServer] = []

    async def main() -> None:
        config = _config()
        config.apply_context()
        login = await _login(config)
        callback = ProxyProtocolReader(config.proxy_protocol).get_callback(
            IMAPServer(login, config)
        )

        async def connected(reader: Any, writer: Any) -> None:
            cutting: Any = _CutWriter(writer, made[0])
            await callback(reader, cutting)

        server = await asyncio.start_server(connected, host="127.0.0.1", port=0)
        made.append(ImapServer(loop, config, server.sockets[0].getsockname()[1]))
        up.set()
        await down.wait()
        server.close()
        await cancel_others()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    assert up.wait(10)
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(10)
        loop.close()
