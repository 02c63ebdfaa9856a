"""Import a spreadsheet of leads from the command line."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Agency, Client
from foundation.exports import csv_lines
from leads.enums import ImportStatus
from leads.importing.limits import UnreadableFileError
from leads.importing.mapping import CUSTOM, guess_mapping
from leads.importing.planning import Wishes
from leads.importing.tables import read_layout
from leads.models import LeadImport
from leads.selectors.rejects import reject_rows, rejects_header
from leads.services.imports import (
    ImportRefusedError,
    as_json,
    checked_mapping,
    create_import,
    preview_file,
    sample_rows,
    set_mapping,
    start_import,
)
from leads.services.running import run_import

_SHOWN_PROBLEMS = 100


class Command(BaseCommand):
    """Takes a file in as the wizard does, and says what became of its rows."""

    help = "Import leads from a CSV, XLSX, XLS or ODS file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--agency", default="", help="slug; the first agency when left out")
        parser.add_argument("--client", default="", help="name of the client the leads are for")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="field, custom:<name>, or nothing to leave the column out; repeatable",
        )
        parser.add_argument(
            "--duplicates",
            choices=("fill", "overwrite", "skip"),
            default="fill",
            help="what a lead that exists already gets: empty fields filled, all, nothing",
        )
        parser.add_argument("--dry-run", action="store_true", help="store nothing, show rows")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file, or show how it would be."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            report = (
                self._dry_run(path, options) if options["dry_run"] else self._run(path, options)
            )
        except (ImportRefusedError, UnreadableFileError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, default=str))
        else:
            self._tell(report)

    def _dry_run(self, path: Path, options: dict[str, Any]) -> dict[str, Any]:
        layout = read_layout(path)
        mapping = guess_mapping(layout.columns, sample_rows(path, layout))
        mapping = checked_mapping(layout.columns, mapping | _maps(options["map"], layout.columns))
        agency = _agency(options["agency"]) if options["agency"] else None
        wishes = Wishes(
            overwrite=options["duplicates"] == "overwrite",
            only_new=options["duplicates"] == "skip",
        )
        rows = preview_file(path, layout, mapping, wishes, agency=agency)
        return {
            "dry_run": True,
            "encoding": layout.encoding,
            "delimiter": layout.delimiter,
            "header_row": layout.header_row,
            "mapping": mapping,
            "created": sum(1 for row in rows if row.outcome == "created"),
            "updated": sum(1 for row in rows if row.outcome == "updated"),
            "rejected": sum(1 for row in rows if row.outcome == "rejected"),
            "skipped": sum(
                1 for row in rows if row.outcome not in {"created", "updated", "rejected"}
            ),
            "error_file": None,
            "rows": [_flat(row.values) for row in rows if row.outcome != "rejected"],
            "outcomes": as_json(rows),
        }

    def _run(self, path: Path, options: dict[str, Any]) -> dict[str, Any]:
        agency = _agency(options["agency"])
        client = _client(agency, options["client"]) if options["client"] else None
        with path.open("rb") as file:
            lead_import = create_import(
                agency=agency,
                file=File(file, name=path.name),
                filename=path.name,
                actor=None,
                client=client,
                options={"duplicates": options["duplicates"]},
            )
        mapping = lead_import.mapping | _maps(options["map"], lead_import.columns)
        set_mapping(lead_import, mapping)
        start_import(lead_import)
        ran = run_import(lead_import.pk)
        if ran is None:
            # A worker was quicker; what it did is in the row.
            lead_import.refresh_from_db()
            ran = lead_import
        if ran.status == ImportStatus.FAILED:
            raise CommandError(ran.error)
        return _report(ran)

    def _tell(self, report: dict[str, Any]) -> None:
        for column, target in report["mapping"].items():
            self.stdout.write(f"{column} → {target or 'left out'}")
        for name in ("created", "updated", "skipped", "rejected"):
            self.stdout.write(f"{name}: {report[name]:,}")
        for problem in report.get("problems", ()):
            self.stdout.write(
                f"line {problem['line']}, {problem['column'] or 'row'}:"
                f" {problem['reason']} [{problem['value']}]"
            )
        if report["error_file"]:
            self.stdout.write(f"rejected rows: {report['error_file']}")
        for row in report.get("rows", ()):
            self.stdout.write(json.dumps(row, ensure_ascii=False, default=str))


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Return target → value, custom fields named as the mapping names them."""
    custom = values.get("custom", {})
    plain = {name: value for name, value in values.items() if name != "custom"}
    return plain | {f"{CUSTOM}{name}": value for name, value in custom.items()}


def _report(lead_import: LeadImport) -> dict[str, Any]:
    return {
        "import": lead_import.pk,
        "agency": lead_import.agency.slug,
        "created": lead_import.created_count,
        "updated": lead_import.updated_count,
        "skipped": lead_import.skipped_count,
        "rejected": lead_import.rejected_count,
        "skip_reasons": lead_import.skip_reasons,
        "error_file": _error_file(lead_import),
        "mapping": lead_import.mapping,
        "encoding": lead_import.encoding,
        "delimiter": lead_import.delimiter,
        "problems": [
            {"line": reject.line, **problem}
            for reject in lead_import.rejects.all()[:_SHOWN_PROBLEMS]
            for problem in reject.problems
        ],
    }


def _error_file(lead_import: LeadImport) -> str | None:
    if not lead_import.rejected_count:
        return None
    text = "".join(csv_lines(rejects_header(lead_import), reject_rows(lead_import)))
    stem = Path(lead_import.filename).stem
    name = default_storage.save(f"imports/{stem}-rejected.csv", ContentFile(text.encode()))
    return default_storage.path(name)


def _agency(slug: str) -> Agency:
    agencies = Agency.objects.filter(is_active=True).order_by("pk")
    agency = agencies.filter(slug=slug).first() if slug else agencies.first()
    if agency is None:
        raise CommandError(
            f"There is no agency “{slug}”." if slug else "There is no agency yet; sign up first."
        )
    return agency


def _client(agency: Agency, name: str) -> Client:
    client = Client.objects.for_agency(agency).filter(name__iexact=name).first()
    if client is None:
        raise CommandError(f"{agency} has no client “{name}”.")
    return client


def _maps(given: list[str], columns: list[str]) -> dict[str, str]:
    """Return column → target of every --map, columns compared without case."""
    names = {column.casefold(): column for column in columns}
    mapping = {}
    for text in given:
        column, equals, target = text.rpartition("=")
        found = names.get(column.strip().casefold())
        if not equals or found is None:
            raise CommandError(f"--map {text}: the file's columns are {', '.join(columns)}.")
        mapping[found] = target.strip()
    return mapping
