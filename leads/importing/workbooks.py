"""Excel and OpenDocument workbooks, read by a limited child process."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path

from leads.importing.delimited import Row
from leads.importing.limits import (
    MAX_WORKBOOK,
    MAX_WORKBOOK_RATIO,
    WORKBOOK_MEMORY,
    WORKBOOK_SECONDS,
    UnreadableFileError,
)

_CHILD = Path(__file__).with_name("workbook_child.py")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SMALL = 10 * 1024 * 1024
_TOO_BIG = "The workbook is larger inside than one import may be. Save the sheet as CSV."


def is_workbook(head: bytes) -> bool:
    """Return whether a file that starts like this is XLSX, XLS or ODS."""
    return head.startswith((_ZIP, _OLE))


def read_workbook(path: Path) -> Generator[Row, None, None]:
    """Yield the rows of the first visible sheet that has any."""
    _check_size(path)
    command = [sys.executable, "-I", str(_CHILD), str(path), str(WORKBOOK_MEMORY)]
    with subprocess.Popen(  # noqa: S603  # our own script, no shell
        [*command, str(WORKBOOK_SECONDS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        try:
            yield from _rows(child)
        finally:
            child.kill()


def _check_size(path: Path) -> None:
    """Refuse a bomb by what its table of contents admits, before anything is unpacked."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as parts:
        entries = parts.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if unpacked > MAX_WORKBOOK or (unpacked > _SMALL and unpacked > packed * MAX_WORKBOOK_RATIO):
        raise UnreadableFileError(_TOO_BIG)


def _rows(child: "subprocess.Popen[bytes]") -> Iterator[Row]:
    if child.stdout is None or child.stderr is None:
        raise RuntimeError("the child has no pipes")
    with io.TextIOWrapper(child.stdout, "utf-8", newline="") as text:
        for number, *cells in csv.reader(text):
            yield Row(int(number), cells)
    said = child.stderr.read().decode(errors="replace")[:300]
    status = child.wait()
    if status == 2:  # noqa: PLR2004  # the child's word for a file it cannot read
        raise UnreadableFileError(
            f"The workbook could not be opened: {said.strip() or 'it is damaged'}. "
            "If it has a password, remove it; else save it as CSV."
        )
    if status:
        raise UnreadableFileError(_TOO_BIG)
