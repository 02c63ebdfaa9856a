"""Bring directories in from a CSV or XLSX file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from import_export.formats.base_formats import CSV, XLSX

from directory.admin.uploads import rejected_csv
from directory.importing.planning import Plan, UnreadableTableError
from directory.services.directories import apply_plan, plan_import


class Command(BaseCommand):
    """`import_directories FILE [--dry-run] [--json] [--rejected FILE]`."""

    help = (
        "Import directories; good rows are stored, bad rows are named. Exit code 1 when a row"
        " was rejected."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and what to do with it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen.")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")
        parser.add_argument("--rejected", type=Path, help="Write rejected rows here, as CSV.")

    def handle(self, *, file: Path, rejected: Path | None, **options: Any) -> None:
        """Plan the file, store the good rows, name the bad ones."""
        plan = _plan(file)
        if not options["dry_run"]:
            apply_plan(plan)
        if rejected:
            rejected.write_text(rejected_csv(plan), encoding="utf-8")
        self.stdout.write(_as_json(plan) if options["json"] else _as_text(plan))
        if plan.counts["rejected"]:
            raise SystemExit(1)


def _plan(file: Path) -> Plan:
    try:
        table = _table(file)
        return plan_import(table.headers or [], (tuple(row) for row in table))
    except OSError as error:
        raise CommandError(f"{file} cannot be opened: {error.strerror}.") from error
    except UnreadableTableError as error:
        raise CommandError(str(error)) from error


def _table(file: Path) -> Any:
    if file.suffix.lower() == ".xlsx":
        return XLSX().create_dataset(file.read_bytes())
    return CSV().create_dataset(file.read_text(encoding="utf-8-sig"))


def _as_json(plan: Plan) -> str:
    report = {
        **plan.counts,
        "unknown_columns": plan.unknown_columns,
        "problems": [
            {"row": row.number, "column": problem.column, "message": problem.message}
            for row in plan.of("rejected")
            for problem in row.problems
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def _as_text(plan: Plan) -> str:
    lines = [
        f"row {row.number}: {problem}" for row in plan.of("rejected") for problem in row.problems
    ]
    return "\n".join([*lines, ", ".join(f"{n} {kind}" for kind, n in plan.counts.items())])
