"""CSV and XLSX that a spreadsheet program opens without running anything in them."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse

_FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "|",
    "%",
    "＝",
    "＋",
    "－",
    "＠",
)


def safe_cell(value: object) -> object:
    """Return `value` so that no spreadsheet program reads it as a formula.

    Follows OWASP's advice on CSV injection: text that starts with a formula
    character, after any white space, gets an apostrophe in front. Numbers stay numbers.
    """
    if not isinstance(value, str):
        return "" if value is None else value
    if value.lstrip(" \u00a0\ufeff\u200b").startswith(_FORMULA_STARTS) or value.startswith(
        _FORMULA_STARTS
    ):
        return "'" + value
    return value


class _Line:
    def write(self, line: str) -> str:
        return line


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield CSV lines (RFC 4180, with a BOM for Excel), every cell safe."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([safe_cell(cell) for cell in header])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return a streamed CSV download."""
    return StreamingHttpResponse(
        csv_lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def xlsx_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> FileResponse:
    """Return a workbook download, written to disk row by row; text is never a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the response
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(chain([header], rows)):
            sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename)
