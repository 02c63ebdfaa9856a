"""Write every directory as CSV or XLSX."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.management.base import BaseCommand

from directory.importing.cells import COLUMNS
from directory.selectors.directories import exported_rows


class Command(BaseCommand):
    """`export_directories [FILE]`; without a file to standard output as CSV."""

    help = "Export directories with every field, regions and steps; the import reads it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, nargs="?", help="Ends in .csv or .xlsx.")

    def handle(self, *, file: Path | None, **options: Any) -> None:
        """Write the rows."""
        rows = exported_rows()
        if file is None:
            _write_csv(self.stdout, rows)
        elif file.suffix.lower() == ".xlsx":
            _write_xlsx(file, rows)
        else:
            with file.open("w", encoding="utf-8-sig", newline="") as out:
                _write_csv(out, rows)
        if file is not None:
            self.stderr.write(f"{len(rows)} directories in {file}")


def _write_csv(out: Any, rows: list[list[str]]) -> None:
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows)


def _write_xlsx(file: Path, rows: list[list[str]]) -> None:
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(file), options) as book:
        sheet = book.add_worksheet("Directories")
        for number, row in enumerate([list(COLUMNS), *rows]):
            sheet.write_row(number, 0, row)
