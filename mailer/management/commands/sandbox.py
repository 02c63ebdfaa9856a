"""Run the sandbox's SMTP and IMAP servers."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mailer.sandbox.server import serve


class Command(BaseCommand):
    """Listens on loopback until Ctrl-C or SIGTERM; refuses to run where SANDBOX is off."""

    help = "Run the sandbox's SMTP and IMAP servers on loopback (DEBUG only)."

    def handle(self, *args: Any, **options: Any) -> None:  # Django's signature
        """Serve."""
        if not settings.SANDBOX:
            raise CommandError("The sandbox runs only where DEBUG and SANDBOX are on.")
        asyncio.run(serve(settings.SANDBOX_SMTP_PORT, settings.SANDBOX_IMAP_PORT, self._say_ready))

    def _say_ready(self, smtp_port: int, imap_port: int) -> None:
        self.stdout.write(f"Sandbox: SMTP 127.0.0.1:{smtp_port}, IMAP 127.0.0.1:{imap_port}")
        self.stdout.flush()
