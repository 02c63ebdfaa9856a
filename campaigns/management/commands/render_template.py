"""`manage.py render_template`: one e-mail from a template and a file of values."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.templating import Rendered, render_email


class Command(BaseCommand):
    """Render a subject and a body with the values of a JSON file."""

    help = "Render one e-mail: text, html, unresolved variables and error."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--subject", default="", help="Liquid; one line.")
        parser.add_argument("--body", required=True, help="Liquid with the small markup.")
        parser.add_argument(
            "--context", required=True, metavar="FILE.json", help="A JSON object of values."
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: object, **options: Any) -> None:
        """Render and print."""
        context = _read(Path(options["context"]))
        rendered = render_email(options["subject"], options["body"], context)
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(rendered), ensure_ascii=False))
        else:
            self._print(rendered)

    def _print(self, rendered: Rendered) -> None:
        for name, value in dataclasses.asdict(rendered).items():
            shown = ", ".join(value) if isinstance(value, list) else value
            self.stdout.write(f"{name}: {shown}" if "\n" not in shown else f"{name}:\n{shown}\n")


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise CommandError(f"{path} must hold a JSON object of values.")
    return found
