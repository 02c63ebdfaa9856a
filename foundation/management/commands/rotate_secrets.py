"""Seals every stored secret again with the newest key, so that older ones can be removed."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.rotation import Tally, rotate_all

_SHOWN = 10


class Command(BaseCommand):
    """`manage.py rotate_secrets [--dry-run] [--json]`; exit code 1 when a key is missing."""

    help = (
        "Encrypts every stored secret again with the newest SECRET_KEY and SALT_KEY. Safe while"
        " the product runs, and safe to stop and run again. When it reports no missing keys,"
        " older salts and SECRET_KEY_FALLBACKS are no longer needed for stored secrets."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --dry-run and --json."""
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, print one line a column."""
        dry, as_json = options["dry_run"], options["json"]
        tallies = []
        for tally in rotate_all(dry_run=dry):
            tallies.append(tally)
            if not as_json:
                self.stdout.write(_line(tally, dry_run=dry))
        if as_json:
            self.stdout.write(json.dumps([asdict(tally) for tally in tallies]))
        lost = sum(len(tally.lost) for tally in tallies)
        if lost:
            msg = (
                f"{lost} secrets were encrypted with a key that is not configured. Add it to"
                " SECRET_KEY_FALLBACKS or SALT_KEY and run this again, or have them typed again."
            )
            raise CommandError(msg)


def _line(tally: Tally, *, dry_run: bool) -> str:
    waiting = tally.secrets - tally.current - len(tally.lost)
    done = f"{waiting} to rotate" if dry_run else f"{tally.rotated} rotated"
    parts = [f"{tally.secrets} secrets", done, f"{tally.current} current already"]
    if tally.changed_meanwhile:
        parts.append(f"{tally.changed_meanwhile} written by others meanwhile")
    if tally.lost:
        some = ", ".join(map(str, tally.lost[:_SHOWN]))
        parts.append(f"{len(tally.lost)} with a missing key (rows {some})")
    return f"{tally.name}: {', '.join(parts)}"
