"""The sandbox's IMAP server: pymap (RFC 3501) over the sandbox's own SQLite file."""

import asyncio
import datetime as dt
import sqlite3
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.session import BaseSession
from pymap.config import BackendCapability, IMAPConfig
from pymap.exceptions import AuthorizationFailure, InvalidAuth, NotAllowedError
from pymap.imap import IMAPServer
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.token import AllTokens
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext
from pysasl.identity import ClearIdentity

from mailer.sandbox import MAX_BYTES, PASSWORD, database
from mailer.sandbox.imap_folders import Folders, Mail


class SandboxConfig(IMAPConfig):
    """No TLS (loopback only), no IDLE: the file is asked at every command."""

    def __init__(self, connection: sqlite3.Connection, port: int) -> None:
        super().__init__(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host="127.0.0.1",
            port=port,
            tls_enabled=False,
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            hash_context=Cleartext(),
            max_append_len=MAX_BYTES,
            disable_idle=True,
        )
        self.connection = connection

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=False, object_id=False, multi_append=True)

    @property
    def greeting(self) -> bytes:
        return b"Outreach Desk sandbox"


class ImapSession(BaseSession[Mail]):
    """One login."""

    def __init__(self, owner: str, config: IMAPConfig, folders: Folders) -> None:
        super().__init__(owner)
        self._config, self._folders = config, folders

    @property
    def config(self) -> IMAPConfig:
        return self._config

    @property
    def mailbox_set(self) -> Folders:
        return self._folders


class Identity(IdentityInterface):
    """Whoever logs in: any address is a mailbox."""

    def __init__(self, name: str, config: "SandboxConfig") -> None:
        self._name, self._config = name, config

    @property
    def name(self) -> str:
        return self._name

    @property
    def roles(self) -> frozenset[str]:
        return frozenset()

    async def new_token(
        self, *, expiration: dt.datetime | None = None
    ) -> str | None:  # no tokens here
        return None

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[ImapSession]:
        connection = self._config.connection
        with database.transaction(connection):
            database.ensure_mailbox(connection, self._name)
        yield ImapSession(self._name, self._config, Folders(connection, self._name))

    async def get(self) -> UserMetadata:
        return UserMetadata(self._config, self._name)

    async def set(self, user: UserMetadata) -> int | None:  # nothing to keep
        raise NotAllowedError("Mailboxes of the sandbox cannot be changed.")

    async def delete(self) -> None:
        raise NotAllowedError("Mailboxes of the sandbox cannot be deleted.")


class Login(LoginInterface):
    """Admits any address with the sandbox's password."""

    def __init__(self, config: "SandboxConfig") -> None:
        self._config = config
        self._tokens = AllTokens(config)

    @property
    def tokens(self) -> AllTokens:
        return self._tokens

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        name = credentials.authcid
        if "@" not in name or not credentials.verify(ClearIdentity(name, PASSWORD)):
            raise InvalidAuth
        return Identity(name.lower(), self._config)

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> Identity:
        if authzid.lower() != authenticated.name:
            raise AuthorizationFailure
        return Identity(authenticated.name, self._config)


async def start(connection: sqlite3.Connection, port: int) -> asyncio.Server:
    """Listen on loopback; the caller closes the server."""
    config = SandboxConfig(connection, port)
    config.apply_context()
    server = IMAPServer(Login(config), config)
    callback = ProxyProtocolReader(config.proxy_protocol).get_callback(server)
    return await asyncio.start_server(callback, host="127.0.0.1", port=port)
