"""Waking workers: the table is the queue, so a broker that is away loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Task

log = structlog.get_logger(__name__)


def wake(task: Task[..., Any], *args: object) -> None:
    """Ask a worker to run `task` once the current transaction has committed.

    The work itself is rows in a table that the clock also finds, so when the broker
    cannot be reached this is logged and nothing else happens.
    """
    transaction.on_commit(_publish(task, args))


def _publish(task: Task[..., Any], args: tuple[object, ...]) -> Callable[[], None]:
    def publish() -> None:
        try:
            task.apply_async(args=args, retry=False)
        except (OperationalError, OSError) as error:
            log.warning("broker_away", task=task.name, error=str(error))

    return publish
