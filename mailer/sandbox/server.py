"""Both sandbox servers in one process, until told to stop."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mailer.sandbox import database, imap, smtp


@asynccontextmanager
async def listening(smtp_port: int, imap_port: int) -> AsyncIterator[tuple[int, int]]:
    """Run both servers on loopback and yield their ports; 0 takes any free one."""
    connection = database.connect()
    servers = [await smtp.start(connection, smtp_port), await imap.start(connection, imap_port)]
    try:
        first, second = (server.sockets[0].getsockname()[1] for server in servers)
        yield first, second
    finally:
        for server in servers:
            server.close()
        connection.close()


async def serve(smtp_port: int, imap_port: int, ready: Callable[[int, int], None]) -> None:
    """Serve until SIGINT or SIGTERM; call `ready` with the ports once listening."""
    # aiosmtpd logs every command at INFO.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with listening(smtp_port, imap_port) as ports:
        ready(*ports)
        await stop.wait()
