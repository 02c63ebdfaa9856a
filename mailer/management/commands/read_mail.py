"""Read e-mails from files and say what they are."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mailer.reading import Reading, read_mail
from mailer.reading.mime import MAX_BYTES


class Command(BaseCommand):
    """Prints one JSON object a file, in order; the inbox reads with the same code."""

    help = "Read raw e-mails (.eml) and print what each is and says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare FILE… and --json."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="One JSON object a line.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        indent = None if options["json"] else 2
        for name in options["files"]:
            try:
                with Path(name).open("rb") as file:
                    raw = file.read(MAX_BYTES)
            except OSError as error:
                raise CommandError(f"{name}: {error.strerror}") from error
            found = described(read_mail(raw, today=timezone.now().date()))
            self.stdout.write(
                json.dumps({"file": name, **found}, ensure_ascii=False, indent=indent)
            )


def described(reading: Reading) -> dict[str, Any]:
    """Return what was read as JSON-able values."""
    price = reading.price
    return {
        "kind": reading.kind,
        "bounced_recipients": [
            {"address": one.address, "permanent": one.permanent, "code": one.code}
            for one in reading.bounced
        ],
        "return_date": reading.return_date.isoformat() if reading.return_date else None,
        "new_text": reading.new_text,
        "intent": reading.intent,
        "addresses": list(reading.addresses),
        "reasons": list(reading.reasons),
        "price": {"amount": str(price.amount), "currency": price.currency} if price else None,
        "right_person": {"address": reading.right_address, "name": reading.right_name},
        "complained": list(reading.complained),
        "from": reading.from_address,
        "subject": reading.subject,
    }
