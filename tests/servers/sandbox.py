"""The sandbox's own servers, in a thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mailer.sandbox.server import listening


@contextmanager
def sandbox_running() -> Iterator[tuple[int, int]]:
    """Run the sandbox on free ports: yields (SMTP port, IMAP port)."""
    loop = asyncio.new_event_loop()
    up, down = threading.Event(), asyncio.Event()
    ports: list[tuple[int, int]] = []

    async def main() -> None:
        async with listening(0, 0) as found:
            ports.append(found)
            up.set()
            await down.wait()
        await cancel_others()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    assert up.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(10)
        loop.close()


async def cancel_others() -> None:
    """End every other task of the loop: connections still open."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
