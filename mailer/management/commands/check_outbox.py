"""Check the outbox's invariants."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mailer.services.invariants import PATIENCE, OutboxReport, check_outbox


class Command(BaseCommand):
    """Prints the states and every broken invariant with its rows; exits 1 when one is broken."""

    help = "Check that the outbox holds what it promises; exit 1 when it does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --json and --patience."""
        parser.add_argument("--json", action="store_true", help="One JSON object.")
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE.total_seconds() / 60,
            help="Minutes in which workers may still be at it (default %(default)g).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and print."""
        report = check_outbox(patience=timedelta(minutes=options["patience"]))
        if options["json"]:
            told = {**asdict(report), "broken": report.broken}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(in_words(report))
        if report.broken:
            raise CommandError(f"{report.broken} broken", returncode=1)


def in_words(report: OutboxReport) -> str:
    """Return the report as lines for people."""
    lines = [f"{report.messages:,} messages"]
    lines += [f"  {status}: {number:,}" for status, number in report.states.items()]
    for finding in report.findings:
        lines += [f"BROKEN: {finding.rule} ({finding.count:,})", *(f"  {r}" for r in finding.rows)]
    return "\n".join([*lines, "" if report.broken else "Every invariant holds."]).rstrip()
