"""`manage.py drain_visits`: stores the visits this host answered, until it is stopped."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from mailer.services.draining import drain

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Run one beside the web processes of every host whose disk no worker shares."""

    help = "Store opens and clicks this host answered; runs until SIGTERM, then once more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how often."""
        parser.add_argument("--once", action="store_true", help="drain what is there and end")
        parser.add_argument("--every", type=float, default=1.0, help="seconds between drains")

    def handle(self, *args: Any, **options: Any) -> None:
        """Drain, rest, drain again."""
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while not options["once"] and not stop.wait(options["every"]):
            self._drain()
        report = drain(wait=True)
        self.stdout.write(f"{report.visits} visits stored, {report.set_aside} set aside.")

    def _drain(self) -> None:
        close_old_connections()
        try:
            drain(wait=True)
        except OperationalError as error:  # the database is away: the spool keeps everything
            log.warning("drain_put_off", error=str(error))
