"""Waits for a database that restarts, where giving up would lose what a server told us."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")
log = structlog.get_logger(__name__)

PATIENCE = 90.0  # seconds


def persist(action: Callable[[], T], *, patience: float = PATIENCE) -> T:
    """Run `action`, which must be safe to repeat, until the database takes it.

    Inside a transaction it runs once: the transaction is the unit to repeat.
    """
    deadline = time.monotonic() + patience
    pause = 0.2
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            log.warning("database_away", error=str(error))
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)
