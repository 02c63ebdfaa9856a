"""`manage.py demo`: the main job, end to end, counted at the receiving end."""

import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach_project.demo.journey import play_journey

LEAST_ROWS, MOST_ROWS = 100, 20_000


class Command(BaseCommand):
    """Build a demo agency, send its campaign through the sandbox, play the answers."""

    help = "Play the whole journey through the sandbox and report what the sink received."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the play."""
        parser.add_argument("--rows", type=int, default=2000, help="Prospects in the file.")
        parser.add_argument(
            "--workers",
            type=int,
            default=2 if settings.REDIS_URL else 0,
            help="Worker processes; 0 does the work in this process.",
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, print, and fail when a figure that must be zero is not."""
        if not settings.SANDBOX:
            raise CommandError("The demo needs the sandbox: DEBUG and SANDBOX must be on.")
        if not LEAST_ROWS <= options["rows"] <= MOST_ROWS:
            raise CommandError(f"--rows takes {LEAST_ROWS} to {MOST_ROWS:,}.")
        if options["workers"] and not settings.REDIS_URL:
            raise CommandError("--workers needs a broker: set REDIS_URL.")
        call_command("migrate", interactive=False, verbosity=0)
        quiet = options["json"]
        tell = (lambda _: None) if quiet else self.stdout.write
        report = play_journey(rows=options["rows"], workers_wanted=options["workers"], tell=tell)
        self.stdout.write(json.dumps(report, indent=None if quiet else 2, ensure_ascii=False))
        wrong = [
            key
            for key in ("duplicates", "sent_after_stop", "sent_over_cap", "uncertain")
            if report[key]
        ]
        if wrong:
            msg = f"Not zero: {', '.join(wrong)}."
            raise CommandError(msg)
