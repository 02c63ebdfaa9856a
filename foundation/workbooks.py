"""Excel and OpenDocument workbooks, read by a limited child process.

A workbook is a program for whoever unpacks it: a few kilobytes may ask for gigabytes or
hours. What its table of contents admits is checked first; the rest happens in a process
that may use so much memory and time, and takes nobody with it.
"""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path

# What a workbook's parts may unpack to, and how much smaller it may be packed.
MAX_WORKBOOK = 400 * 1024 * 1024
MAX_RATIO = 120
# Its list of sheets, unpacked: a thousand sheets take 100 kB.
MAX_CONTENTS = 2 * 1024 * 1024
MEMORY = 280 * 1024 * 1024
SECONDS = 60

_CHILD = Path(__file__).with_name("workbook_child.py")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SMALL = 10 * 1024 * 1024
_CONTENTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/workbook.bin")
_TOO_BIG = "The workbook is larger inside than one import may be. Save the sheet as CSV."


class WorkbookError(Exception):
    """The workbook cannot be read; the message says why and what to do."""


def is_workbook(head: bytes) -> bool:
    """Return whether a file that starts like this is XLSX, XLS or ODS."""
    return head.startswith((_ZIP, _OLE))


def read_workbook(path: Path) -> Generator[tuple[int, list[str]], None, None]:
    """Yield (number, cells) of each row of the first visible sheet that has any.

    Row 0 comes first and says how many rows the sheet has. Raises `WorkbookError`.
    """
    _check_size(path)
    command = [sys.executable, "-I", str(_CHILD), str(path), str(MEMORY), str(SECONDS)]
    with subprocess.Popen(  # noqa: S603  # our own script, no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
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
    contents = sum(entry.file_size for entry in entries if entry.filename in _CONTENTS)
    bomb = unpacked > _SMALL and unpacked > packed * MAX_RATIO
    if unpacked > MAX_WORKBOOK or contents > MAX_CONTENTS or bomb:
        raise WorkbookError(_TOO_BIG)


def _rows(child: "subprocess.Popen[bytes]") -> Iterator[tuple[int, list[str]]]:
    if child.stdout is None or child.stderr is None:
        raise RuntimeError("the child has no pipes")
    with io.TextIOWrapper(child.stdout, "utf-8", newline="") as text:
        for number, *cells in csv.reader(text):
            yield int(number), cells
    said = child.stderr.read().decode(errors="replace")[:300]
    status = child.wait()
    if status == 2:  # noqa: PLR2004  # the child's word for a file it cannot read
        raise WorkbookError(
            f"The workbook could not be opened: {said.strip() or 'it is damaged'}. "
            "If it has a password, remove it; else save it as CSV."
        )
    if status:
        raise WorkbookError(_TOO_BIG)
