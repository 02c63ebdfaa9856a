"""A child process of its own that reads one workbook and prints its rows as CSV.

Run as a script, so that a workbook made to exhaust memory or time takes only this
process with it: `workbook_child.py FILE MEMORY_BYTES CPU_SECONDS`. Each line printed is
the row's number followed by its cells; blank rows are left out. Line 0 says how many rows
the sheet has.
"""

import csv
import datetime as dt
import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

_ERRORS = frozenset(("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"))


def plain(value: object) -> str:
    """Return what a spreadsheet would show of a cell."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004
        return str(int(value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    text = str(value)
    return "" if text in _ERRORS else text


def main(path: str, memory: str, seconds: str) -> int:
    """Print the first visible sheet that has rows; return the exit status."""
    # What it may write to; what it merely maps, such as libraries, counts a little more.
    resource.setrlimit(resource.RLIMIT_DATA, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_AS, (2 * int(memory), 2 * int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    out = csv.writer(sys.stdout, lineterminator="\n")
    try:
        book = CalamineWorkbook.from_path(path)
        for about in book.sheets_metadata:
            if about.visible != SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_name(about.name)
            if not sheet.total_height:
                continue
            out.writerow([0, sheet.total_height])
            for number, row in enumerate(sheet.iter_rows(), start=1):
                cells = [plain(value) for value in row]
                if any(cells):
                    out.writerow([number, *cells])
            break
    except (CalamineError, ValueError, OSError) as error:
        sys.stderr.write(str(error))
        return 2
    except MemoryError:
        return 3
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream here
    sys.exit(main(*sys.argv[1:4]))
